// The controls of overrides: a form that overrides one setting for everybody or for one user, and buttons. Errors are
// beside the control.

import { announce, element, newID, setText } from './dom.js';
import { InvalidValue, parseValue, valueField } from './values.js';

/**
 * A form with a value, and a user ID if `forUser` is true. `save(user, value)` sends it; what it throws is shown.
 */
export class Editor {
    constructor({ setting, value, forUser, user, submitText, save, cancel }) {
        this.type = setting.type;
        this.save = save;
        const errorID = newID('error');
        this.error = element('p', { class: 'field-error', id: errorID, role: 'alert' });
        this.field = valueField(setting.type, value, {
            id: newID('value'), 'aria-describedby': errorID, 'data-focus': 'value', name: 'value',
        });
        this.user = forUser
            ? element('input', {
                type: 'text', id: newID('user'), value: user ?? '', autocomplete: 'off', spellcheck: false,
                'aria-describedby': errorID, 'data-focus': 'user', name: 'user',
            })
            : null;
        this.element = element('form', { class: 'editor', noValidate: true, onsubmit: (event) => this.submit(event) },
            this.user && labelled('User ID', this.user),
            labelled(forUser ? 'Value' : `Value for everybody (${setting.type})`, this.field),
            element('div', { class: 'buttons' },
                element('button', { type: 'submit', class: 'primary' }, submitText),
                cancel ? element('button', { type: 'button', onclick: cancel }, 'Cancel') : null),
            this.error);
        this.element.addEventListener('keydown', (event) => {
            if (event.key === 'Escape' && cancel) cancel();
            // As in other fields, Enter saves.
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.target === this.field
                && this.type === 'String') {
                event.preventDefault();
                this.element.requestSubmit();
            }
        });
    }

    async submit(event) {
        event.preventDefault();
        this.show(null, null);
        if (this.user?.value === '') return this.show(this.user, 'Enter the ID of the user.');
        let value;
        try {
            value = parseValue(this.type, this.field.value);
        } catch (error) {
            if (error instanceof InvalidValue) return this.show(this.field, error.message);
            throw error;
        }
        try {
            await this.save(this.user?.value ?? null, value);
        } catch (error) {
            this.show(this.field, error.message);
        }
    }

    show(field, message) {
        for (const one of [this.user, this.field]) {
            one?.setAttribute('aria-invalid', String(one === field && message !== null));
        }
        setText(this.error, message ?? '');
        if (message !== null) field.focus();
    }

    clear() {
        if (this.user) this.user.value = '';
    }
}

function labelled(text, field) {
    return element('div', { class: 'field' }, element('label', { for: field.id }, text), field);
}

/** Runs an action of a button, and shows its error in an element beside it. */
export async function attempt(errorElement, action, success = null) {
    setText(errorElement, '');
    try {
        await action();
        if (success) announce(success);
    } catch (error) {
        setText(errorElement, error.message);
    }
}

/** Returns the buttons that switch an override off or on, and remove it. */
export function overrideButtons(override, page, errorElement) {
    const { key, user, enabled } = override;
    const whose = user === null ? key : `${key} for ${user}`;
    const change = (action, text) => attempt(errorElement, async () => {
        await action();
        await page.refresh();
    }, text);
    return element('span', { class: 'buttons' },
        element('button', {
            type: 'button', 'data-focus': `enable ${user}`,
            'aria-label': `${enabled ? 'Disable' : 'Enable'} the override of ${whose}`,
            onclick: () => change(() => page.api.enableOverride(key, user, !enabled),
                `The override of ${whose} is ${enabled ? 'off' : 'on'}.`),
        }, enabled ? 'Disable' : 'Enable'),
        element('button', {
            type: 'button', 'data-focus': `remove ${user}`, 'aria-label': `Remove the override of ${whose}`,
            onclick: () => change(() => page.api.removeOverride(key, user), `The override of ${whose} is removed.`),
        }, 'Remove override'));
}
