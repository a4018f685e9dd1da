// Values of settings: how they are shown, entered and checked.

import { element } from './dom.js';

/** The length from which a value is shortened where there is little space. */
const longest = 80;

/** Returns what the page shows for a value. Strings have no quotation marks, but an empty one is named. */
export function valueText(value) {
    if (value === null || value === undefined) return 'no value';
    return value === '' ? 'empty string' : String(value);
}

/** Returns an element that shows a value, shortened if it is long. */
export function valueElement(value, isShortened = true) {
    const text = valueText(value);
    const isLong = isShortened && text.length > longest;
    const shown = isLong ? `${text.slice(0, longest)}…` : text;
    const kind = value === '' || value === null || value === undefined ? 'none' : typeof value;
    return element('code', { class: 'value', 'data-kind': kind, dir: 'auto' }, shown);
}

/** Returns a number and a noun, for example "2 rules". */
export function plural(number, noun) {
    return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Whether the value of a setting depends on the user. */
export function isTargeted(setting) {
    return setting.rules.length > 0 || setting.percentageOptions.length > 0;
}

/** Returns the override that decides what everybody gets; null if there is none, or it has no effect. */
export function activeOverride(setting) {
    const override = setting.override;
    return override && override.enabled && !override.problem ? override : null;
}

/** Returns all values that a setting has in its rules, options and overrides. */
export function allValues(setting) {
    const options = [...setting.percentageOptions, ...setting.rules.flatMap((rule) => [rule, ...rule.options])];
    const overrides = [setting.override, ...setting.userOverrides].filter((override) => override);
    return [setting, ...options, ...overrides].map(({ value }) => value).filter((value) => value !== null);
}

/** What is wrong with an entered value. */
export class InvalidValue extends Error {}

/** Returns the value in an entered text, or throws ``InvalidValue``. The server decides about ranges. */
export function parseValue(type, text) {
    const trimmed = text.trim();
    switch (type) {
        case 'Bool':
            return text === 'true';
        case 'Int': {
            if (!/^[-+]?\d{1,40}$/.test(trimmed)) throw new InvalidValue('Enter a whole number, for example 25.');
            const integer = BigInt(trimmed.replace('+', ''));
            return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
        }
        case 'Double': {
            if (/^[-+]?\d+,\d+$/.test(trimmed)) throw new InvalidValue('Write a point, not a comma: 0.15.');
            const number = Number(trimmed);
            if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed) || !Number.isFinite(number)) {
                throw new InvalidValue('Enter a number, for example 0.15.');
            }
            return number;
        }
        default:
            return text;
    }
}

/** Returns a field for a value of a type: a choice for Booleans, an area that grows for strings, or a line. */
export function valueField(type, value, properties) {
    if (type === 'Bool') {
        const options = ['true', 'false'].map((text) => element('option', { value: text }, text));
        const field = element('select', properties, ...options);
        field.value = String(value);
        return field;
    }
    const initial = value === null || value === undefined ? '' : String(value);
    if (type === 'String') {
        return element('textarea', { rows: 1, value: initial, spellcheck: false, autocomplete: 'off', ...properties });
    }
    const inputMode = type === 'Int' ? 'numeric' : 'decimal';
    return element('input', { type: 'text', inputMode, value: initial, autocomplete: 'off', ...properties });
}
