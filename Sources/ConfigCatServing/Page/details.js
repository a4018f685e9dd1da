// What opens below a setting: its targeting in words, its links, overrides for users, and the explanation of a value.

import { element, newID, replaceIfChanged, setText } from './dom.js';
import { Editor, overrideButtons } from './overrides.js';
import { isTargeted, valueElement, valueText } from './values.js';

/** Returns the address of a setting or a segment on this page. */
export function address(kind, name) {
    return `#${kind}=${encodeURIComponent(name)}`;
}

export class Details {
    constructor(setting, page) {
        this.page = page;
        this.isOpen = false;
        this.error = element('p', { class: 'field-error', role: 'alert' });
        this.problem = element('p', { class: 'field-error' });
        this.fullValue = section('Whole value');
        this.targeting = section('Targeting');
        this.links = section('Related');
        this.users = section('Overrides for single users');
        this.userList = element('ul', { class: 'user-overrides' });
        this.explanation = section('Explanation');
        this.newOverride = this.editor(setting);
        this.users.body.append(this.userList, this.newOverride.element, this.error);
        this.element = element('div', { class: 'details-body' },
            this.problem, this.explanation.element, this.fullValue.element, this.targeting.element, this.links.element,
            this.users.element);
        this.update(setting);
    }

    update(setting) {
        // The type of a setting rarely changes, but then the field is of the wrong kind.
        if (this.newOverride.type !== setting.type) {
            const editor = this.editor(setting);
            this.newOverride.element.replaceWith(editor.element);
            this.newOverride = editor;
        }
        this.setting = setting;
        setText(this.problem, setting.problem ?? '');
        this.showFullValue();
        this.showTargeting();
        this.showLinks();
        this.showUsers();
    }

    editor(setting) {
        return new Editor({
            setting, value: setting.value, forUser: true, user: this.page.userID, submitText: 'Override for this user',
            save: async (user, value) => {
                await this.page.api.override(setting.key, user, value);
                this.newOverride.clear();
                await this.page.refresh();
            },
        });
    }

    showFullValue() {
        const value = this.setting.override?.value ?? this.setting.value;
        const text = valueText(value);
        this.fullValue.element.hidden = text.length <= 80;
        replaceIfChanged(this.fullValue.body, [value], () => [element('pre', { tabIndex: 0 }, text)]);
    }

    showTargeting() {
        const { rules, percentageOptions, percentageAttribute, value, variationId, override } = this.setting;
        const shown = [rules, percentageOptions, percentageAttribute, value, variationId, Boolean(override)];
        replaceIfChanged(this.targeting.body, shown, () => {
            const lines = rules.map((rule, index) => ruleLine(rule, index, percentageAttribute));
            if (percentageOptions.length > 0) {
                const start = rules.length > 0 ? 'Otherwise, by ' : 'By ';
                lines.push(line(element('span', {}, start, attribute(percentageAttribute)), optionList(percentageOptions)));
            }
            const last = isTargeted(this.setting) ? 'Everybody else' : 'Everybody';
            lines.push(line(element('span', {}, last), outcome(value, variationId)));
            return [element('ol', { class: 'rules' }, ...lines)];
        });
    }

    showLinks() {
        const { prerequisites, dependents, segments } = this.setting;
        this.links.element.hidden = prerequisites.length + dependents.length + segments.length === 0;
        replaceIfChanged(this.links.body, [prerequisites, dependents, segments], () => [
            linkLine('Depends on', 'setting', prerequisites),
            linkLine('Prerequisite of', 'setting', dependents),
            linkLine(segments.length === 1 ? 'Segment' : 'Segments', 'segment', segments),
        ], this.element);
    }

    showUsers() {
        const overrides = this.setting.userOverrides;
        this.newOverride.element.hidden = this.setting.type === null;
        this.users.element.hidden = this.setting.type === null && overrides.length === 0;
        this.userList.hidden = overrides.length === 0;
        replaceIfChanged(this.userList, overrides, () => overrides.map((override) => element('li', {
            'data-override': override.enabled && !override.problem ? 'active' : 'off',
        },
        element('span', {},
            element('bdi', { class: 'user' }, override.user), ' gets ', valueElement(override.value),
            override.enabled ? null : ' (off)',
            override.problem ? element('span', { class: 'field-error' }, ` No effect: ${override.problem}`) : null),
        overrideButtons(override, this.page, this.error))), this.newOverride.user);
    }

    setOpen(isOpen, evaluation) {
        this.isOpen = isOpen;
        this.showEvaluation(evaluation);
    }

    /** Asks for the explanation of an evaluation when the details are open. */
    async showEvaluation(evaluation) {
        this.explanation.element.hidden = !evaluation;
        if (!evaluation || !this.isOpen || this.explained === evaluation) return;
        this.explained = evaluation;
        setText(this.explanation.title, `Explanation for ${evaluation.userName}`);
        let text;
        try {
            text = (await this.page.explain(this.setting.key)).explanation ?? 'There is no explanation.';
        } catch (error) {
            text = error.message;
        }
        // A newer evaluation may have come while this one was explained.
        if (this.explained !== evaluation) return;
        replaceIfChanged(this.explanation.body, text, () => [element('pre', { tabIndex: 0 }, text)]);
    }
}

function section(title) {
    const heading = element('h4', { id: newID('part') }, title);
    const body = element('div', {});
    return {
        title: heading, body, element: element('section', { 'aria-labelledby': heading.id }, heading, body),
    };
}

function line(condition, result) {
    return element('li', {}, element('div', { class: 'condition' }, condition), element('div', { class: 'result' }, result));
}

function ruleLine(rule, index, percentageAttribute) {
    const start = index === 0 ? 'If ' : 'Otherwise, if ';
    const conditions = rule.conditions.map((condition, number) =>
        element('span', { class: 'one-condition' }, number === 0 ? start : 'and ', ...linked(condition)));
    if (rule.options.length === 0) return line(element('div', {}, ...conditions), outcome(rule.value, rule.variationId));
    const by = element('span', { class: 'one-condition' }, 'then by ', attribute(percentageAttribute));
    return line(element('div', {}, ...conditions, by), optionList(rule.options));
}

function attribute(name) {
    return element('code', { dir: 'auto' }, `User.${name ?? 'Identifier'}`);
}

/** Returns the words of a condition, in which the name of a setting or segment is a link. */
export function linked({ text, prerequisite, segment }) {
    const name = prerequisite ?? segment ?? null;
    if (name === null) return [element('bdi', {}, text)];
    const kind = prerequisite !== null && prerequisite !== undefined ? 'setting' : 'segment';
    const link = element('a', { href: address(kind, name) }, name === '' ? 'empty name' : name);
    const start = name === '' ? -1 : text.indexOf(name);
    if (start < 0) return [element('bdi', {}, text), ' (', link, ')'];
    return [element('bdi', {}, text.slice(0, start)), link, element('bdi', {}, text.slice(start + name.length))];
}

function outcome(value, variationId) {
    return element('span', {}, valueElement(value),
        variationId ? element('span', { class: 'variation', title: 'Variation ID' }, variationId) : null);
}

function optionList(options) {
    return element('ul', { class: 'options' }, ...options.map((option) =>
        element('li', {}, element('span', { class: 'percentage' }, `${option.percentage} %`),
            outcome(option.value, option.variationId))));
}

function linkLine(title, kind, names) {
    if (names.length === 0) return null;
    const links = names.flatMap((name, index) => [
        index > 0 ? ', ' : null, element('a', { href: address(kind, name) }, element('bdi', {}, name || 'empty name')),
    ]);
    return element('p', { class: 'links' }, `${title}: `, ...links);
}
