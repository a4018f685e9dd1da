// The list of settings. A row is created once, and updated in place, so that the focus and open parts stay.

import { Details } from './details.js';
import { announce, element, fingerprint, newID, replaceIfChanged, setAttribute, setText } from './dom.js';
import { Editor, attempt, overrideButtons } from './overrides.js';
import { activeOverride, allValues, isTargeted, plural, valueElement, valueText } from './values.js';

const reasons = {
    TARGETING_MATCH: 'because a targeting rule matches',
    SPLIT: 'by a percentage option',
    DEFAULT: 'because no rule matches',
    ERROR: 'because of an error',
};

/** One setting. `page` has the actions: `api`, `refresh()`, `user` and `explain(key)`. */
export class SettingRow {
    constructor(setting, page) {
        this.page = page;
        this.key = setting.key;
        this.details = null;
        this.evaluation = null;
        /** The value of a flip that is under way. */
        this.requested = null;
        this.build();
        this.update(setting);
    }

    build() {
        const detailsID = newID('details');
        this.disclosure = element('button', {
            type: 'button', class: 'disclosure', 'aria-expanded': 'false', 'aria-controls': detailsID,
            onclick: () => this.toggle(),
        }, element('bdi', { class: 'key' }, this.key === '' ? 'empty key' : this.key));
        this.type = element('span', { class: 'tag' });
        this.badges = element('span', { class: 'badges' });
        this.audience = element('p', { class: 'audience' });
        this.evaluated = element('p', { class: 'evaluated', hidden: true });
        this.control = element('div', { class: 'control' });
        this.overrideLine = element('div', { class: 'override-line', hidden: true });
        this.error = element('p', { class: 'field-error', role: 'alert' });
        this.editorPlace = element('div', { class: 'editor-place' });
        this.detailsPlace = element('div', { class: 'details', id: detailsID, hidden: true });
        const name = element('div', { class: 'name' }, element('h3', {}, this.disclosure), this.type, this.badges);
        const told = element('div', { class: 'told' }, name, this.audience, this.evaluated, this.overrideLine);
        this.element = element('li', { class: 'setting', role: 'listitem' },
            element('div', { class: 'summary' }, told, this.control),
            this.error, this.editorPlace, this.detailsPlace);
    }

    /** Shows a newer state of the setting. */
    update(setting) {
        const mark = fingerprint(setting);
        if (mark === this.mark) return;
        this.mark = mark;
        this.setting = setting;
        this.searchText = [setting.key, ...allValues(setting).map(valueText)].join('\n').toLowerCase();
        setText(this.type, setting.type ?? 'no type');
        const override = setting.override;
        setAttribute(this.element, 'data-override', override ? (activeOverride(setting) ? 'active' : 'off') : null);
        this.showBadges();
        this.showAudience();
        this.showControl();
        this.showOverride();
        this.details?.update(setting);
    }

    showBadges() {
        const { override, userOverrides, problem } = this.setting;
        const hasProblem = problem || [override, ...userOverrides].some((one) => one?.problem);
        replaceIfChanged(this.badges, [override?.enabled, userOverrides.length, hasProblem], () => [
            override ? badge(override.enabled ? 'Overridden' : 'Override is off', 'override') : null,
            userOverrides.length > 0 ? badge(`${plural(userOverrides.length, 'user')} overridden`, 'override') : null,
            hasProblem ? badge('Problem', 'problem') : null,
        ]);
    }

    showAudience() {
        const setting = this.setting;
        const override = activeOverride(setting);
        const shown = [setting.value, override?.value, setting.rules.length, setting.percentageOptions.length];
        replaceIfChanged(this.audience, shown, () => {
            if (override) return ['Everybody gets ', valueElement(override.value)];
            if (!isTargeted(setting)) return ['Everybody gets ', valueElement(setting.value)];
            const parts = [
                setting.rules.length > 0 ? plural(setting.rules.length, 'rule') : null,
                setting.percentageOptions.length > 0 ? 'percentages' : null,
            ];
            return [`Depends on the user: ${parts.filter((part) => part).join(', ')}, otherwise `,
                valueElement(setting.value)];
        });
    }

    showControl() {
        const setting = this.setting;
        const override = activeOverride(setting);
        const served = override ? override.value : isTargeted(setting) ? null : setting.value;
        replaceIfChanged(this.control, [setting.type, served, Boolean(override)], () => {
            // The type of an invalid setting is unknown.
            if (setting.type === null) return [];
            return [setting.type === 'Bool' ? this.choice(served) : this.editButton(served)];
        }, this.disclosure);
    }

    /** Two buttons that override a Boolean. None is pressed while the value depends on the user. */
    choice(served) {
        const buttons = [false, true].map((value) => element('button', {
            type: 'button', 'aria-pressed': String(served === value), 'data-focus': String(value),
            'aria-label': `${value}: ${this.key} for everybody`, onclick: () => this.flip(value, served),
        }, String(value)));
        return element('div', { class: 'choice', role: 'group', 'aria-label': `Value of ${this.key}` }, ...buttons);
    }

    async flip(value, served) {
        if (value === (this.requested ?? served)) return;
        this.requested = value;
        await attempt(this.error, () => this.send(value), `${this.key} is ${value} for everybody.`);
        if (this.requested === value) this.requested = null;
    }

    editButton(served) {
        const text = served === null ? 'Override' : 'Edit';
        return element('button', {
            type: 'button', 'data-focus': 'edit', 'aria-label': `${text} ${this.key}`, onclick: () => this.edit(),
        }, text);
    }

    edit() {
        const setting = this.setting;
        const close = () => {
            this.editorPlace.replaceChildren();
            (this.control.querySelector('[data-focus=edit]') ?? this.disclosure).focus();
        };
        const editor = new Editor({
            setting, value: setting.override?.value ?? setting.value, forUser: false, submitText: 'Save override',
            cancel: close,
            save: async (_, value) => {
                await this.send(value);
                close();
                announce(`${this.key} is ${valueText(value)} for everybody.`);
            },
        });
        this.editorPlace.replaceChildren(editor.element);
        editor.field.focus();
        editor.field.select?.();
    }

    async send(value) {
        await this.page.api.override(this.key, null, value);
        await this.page.refresh();
    }

    showOverride() {
        const setting = this.setting;
        const override = setting.override;
        this.overrideLine.hidden = !override;
        replaceIfChanged(this.overrideLine, [override, setting.value, isTargeted(setting)], () => {
            if (!override) return [];
            return [
                element('span', {}, ...this.overrideText(override)),
                overrideButtons(override, this.page, this.error),
            ];
        }, this.disclosure);
    }

    overrideText(override) {
        if (override.problem) return [`The override has no effect: ${override.problem}`];
        if (!override.enabled) return ['The override is off. Its value is ', valueElement(override.value)];
        return isTargeted(this.setting)
            ? ['Without the override, the value depends on the user.']
            : ['Without the override, everybody gets ', valueElement(this.setting.value)];
    }

    /** Shows the result for the user of "evaluate as", and the value of the previous evaluation if that differs. */
    showEvaluation(evaluation) {
        this.evaluation = evaluation;
        this.evaluated.hidden = !evaluation;
        setAttribute(this.element, 'data-changed', evaluation?.change ? 'true' : null);
        replaceIfChanged(this.evaluated, evaluation, () => {
            if (!evaluation) return [];
            const { userName, result, change } = evaluation;
            const reason = result.overridden ? 'because of an override' : reasons[result.reason] ?? result.reason;
            return [
                element('bdi', { class: 'user' }, userName), ' gets ', valueElement(result.value), ` ${reason} `,
                result.error ? element('span', { class: 'field-error' }, `${result.error} `) : null,
                change ? element('span', { class: 'badge change' }, 'Changed from ', valueElement(change.from)) : null,
            ];
        });
        this.details?.showEvaluation(evaluation);
    }

    toggle(isOpen = this.detailsPlace.hidden) {
        if (isOpen && !this.details) {
            this.details = new Details(this.setting, this.page);
            this.detailsPlace.append(this.details.element);
        }
        this.disclosure.setAttribute('aria-expanded', String(isOpen));
        this.detailsPlace.hidden = !isOpen;
        this.details?.setOpen(isOpen, this.evaluation);
    }

    /** Marks the row for a moment, because what SDKs get has changed. */
    flash() {
        this.element.classList.remove('arrived');
        // Reading the layout makes the browser begin the animation again.
        void this.element.offsetWidth;
        this.element.classList.add('arrived');
        this.element.addEventListener('animationend', () => this.element.classList.remove('arrived'), { once: true });
    }
}

function badge(text, kind) {
    return element('span', { class: `badge ${kind}` }, text);
}
