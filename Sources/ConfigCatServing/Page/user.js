// "Evaluate as": the form of a user, also as JSON, remembered in this browser.

import { element, newID, setText } from './dom.js';
import { InvalidValue } from './values.js';

const storageName = 'configcat.evaluate-as';
const standard = { identifier: 'Identifier', email: 'Email', country: 'Country' };

export class UserForm {
    /** `evaluate(userJSON, userName)` is called for a user, and with null to stop. */
    constructor({ evaluate, stop }) {
        this.evaluate = evaluate;
        this.stop = stop;
        this.form = document.getElementById('user-form');
        this.fields = document.getElementById('user-fields');
        this.attributes = document.getElementById('user-attributes');
        this.json = document.getElementById('user-json');
        this.error = document.getElementById('user-error');
        this.stopButton = document.getElementById('user-stop');
        this.mode = 'form';
        this.form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.submit();
        });
        this.stopButton.addEventListener('click', () => {
            this.remember(false);
            this.showActive(false);
            this.form.querySelector('[type=submit]').focus();
            this.stop();
        });
        document.getElementById('add-attribute').addEventListener('click', () => this.addAttribute('', '').name.focus());
        for (const radio of this.form.elements.mode) {
            radio.addEventListener('change', () => this.setMode(radio.value));
        }
        this.json.addEventListener('keydown', (event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
        });
    }

    /** Fills the form with the remembered user, and evaluates for it if that was so before. */
    restore() {
        let remembered = null;
        try {
            remembered = JSON.parse(localStorage.getItem(storageName));
        } catch {
            // The storage is blocked, or its content is not ours.
        }
        if (typeof remembered?.json !== 'string') return;
        this.json.value = remembered.json;
        try {
            this.fillFields(parseUser(remembered.json));
        } catch {
            this.setMode('json', false);
        }
        if (remembered.mode === 'json') this.setMode('json', false);
        if (remembered.isActive) this.submit();
    }

    remember(isActive) {
        try {
            localStorage.setItem(storageName, JSON.stringify({ json: this.json.value, mode: this.mode, isActive }));
        } catch {
            // Without storage, the user is forgotten with the page.
        }
    }

    async submit() {
        this.showError('');
        try {
            if (this.mode === 'form') this.json.value = JSON.stringify(this.userOfFields(), null, 2);
            const user = parseUser(this.json.value);
            this.remember(true);
            await this.evaluate(this.json.value, nameOf(user), user?.Identifier ?? null);
            this.showActive(true);
        } catch (error) {
            this.showError(error.message);
        }
    }

    showError(message) {
        setText(this.error, message);
        const field = this.mode === 'json' ? this.json : document.getElementById('user-identifier');
        for (const one of [this.json, document.getElementById('user-identifier')]) {
            one.setAttribute('aria-invalid', String(one === field && message !== ''));
        }
    }

    showActive(isActive) {
        this.stopButton.hidden = !isActive;
    }

    /** Shows the user as a form or as JSON; stays where it is if the JSON does not fit into the form. */
    setMode(mode, converts = true) {
        try {
            if (converts && mode === 'json') this.json.value = JSON.stringify(this.userOfFields(), null, 2);
            if (converts && mode === 'form') this.fillFields(parseUser(this.json.value));
            this.mode = mode;
            this.showError('');
        } catch (error) {
            this.showError(error.message);
        }
        for (const radio of this.form.elements.mode) radio.checked = radio.value === this.mode;
        this.fields.hidden = this.mode !== 'form';
        document.getElementById('user-json-field').hidden = this.mode !== 'json';
    }

    userOfFields() {
        const user = {};
        for (const [id, name] of Object.entries(standard)) {
            const text = document.getElementById(`user-${id}`).value;
            if (text !== '' || name === 'Identifier') user[name] = text;
        }
        // Without a prototype, an attribute may have any name.
        const custom = Object.create(null);
        for (const row of this.attributes.children) {
            const [name, value] = [...row.querySelectorAll('input')].map((input) => input.value);
            if (name !== '') custom[name] = attributeValue(value);
        }
        if (Object.keys(custom).length > 0) user.custom = custom;
        return user;
    }

    fillFields(user) {
        const known = user ?? {};
        for (const name of Object.keys(known)) {
            if (name === 'custom' || Object.values(standard).includes(name)) continue;
            throw new InvalidValue(`The form has no field for "${name}". Attributes belong in "custom".`);
        }
        for (const [id, name] of Object.entries(standard)) {
            document.getElementById(`user-${id}`).value = known[name] ?? '';
        }
        this.attributes.replaceChildren();
        for (const [name, value] of Object.entries(known.custom ?? {})) this.addAttribute(name, attributeText(value));
    }

    addAttribute(name, value) {
        const nameID = newID('attribute');
        const valueID = newID('attribute');
        const nameField = element('input', { id: nameID, type: 'text', value: name, autocomplete: 'off', spellcheck: false });
        const valueInput = element('input', { id: valueID, type: 'text', value, autocomplete: 'off', spellcheck: false });
        const row = element('li', { class: 'attribute' },
            element('div', { class: 'field' }, element('label', { for: nameID }, 'Attribute'), nameField),
            element('div', { class: 'field' }, element('label', { for: valueID }, 'Value'), valueInput),
            element('button', {
                type: 'button', class: 'quiet', 'aria-label': 'Remove this attribute',
                onclick: () => {
                    row.remove();
                    document.getElementById('add-attribute').focus();
                },
            }, '×'));
        this.attributes.append(row);
        return { name: nameField };
    }
}

function parseUser(text) {
    let user;
    try {
        user = JSON.parse(text);
    } catch (error) {
        throw new InvalidValue(`This is not JSON: ${error.message}`);
    }
    if (user !== null && (typeof user !== 'object' || Array.isArray(user))) {
        throw new InvalidValue('The user has to be a JSON object, for example {"Identifier": "jane"}, or null.');
    }
    return user;
}

function nameOf(user) {
    if (user === null) return 'Nobody';
    return typeof user.Identifier === 'string' && user.Identifier !== '' ? user.Identifier : 'The user';
}

/** Returns the value of an attribute in a text: numbers, arrays and quoted strings as in JSON, others as they are. */
function attributeValue(text) {
    try {
        const value = JSON.parse(text);
        const isExact = typeof value === 'number' ? String(value) === text.trim() : typeof value !== 'boolean';
        return value !== null && isExact ? value : text;
    } catch {
        return text;
    }
}

/** The inverse of ``attributeValue``. */
function attributeText(value) {
    return typeof value === 'string' && attributeValue(value) === value ? value : JSON.stringify(value);
}
