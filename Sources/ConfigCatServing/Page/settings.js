// The settings of a config: rows in the config's order, search and filters.

import { announce, element, setText } from './dom.js';
import { SettingRow } from './rows.js';
import { activeOverride, isTargeted, plural } from './values.js';

const filters = {
    all: { title: 'All', accepts: () => true },
    overridden: {
        title: 'Overridden', accepts: ({ setting }) => setting.override !== null || setting.userOverrides.length > 0,
    },
    targeted: {
        title: 'Depends on the user', accepts: ({ setting }) => isTargeted(setting) && !activeOverride(setting),
    },
    changed: { title: 'Changed for the user', accepts: ({ evaluation }) => Boolean(evaluation?.change) },
};

export class SettingList {
    constructor(page) {
        this.page = page;
        this.rows = new Map();
        this.filter = 'all';
        this.list = document.getElementById('settings');
        this.search = document.getElementById('search');
        this.count = document.getElementById('count');
        this.nothing = document.getElementById('nothing');
        this.buttons = Object.entries(filters).map(([name, { title }]) => {
            const number = element('span', { class: 'number' });
            const button = element('button', {
                type: 'button', 'aria-pressed': String(name === 'all'), onclick: () => this.choose(name),
            }, `${title} `, number);
            return { name, button, number };
        });
        document.getElementById('filters').append(...this.buttons.map(({ button }) => button));
        this.search.addEventListener('input', () => this.show());
        this.search.addEventListener('keydown', (event) => {
            if (event.key !== 'Escape') return;
            this.search.value = '';
            this.show();
        });
    }

    /** Shows newer settings: rows of settings that still exist stay, and change only where the setting has. */
    update(settings) {
        const keys = new Set(settings.map(({ key }) => key));
        for (const [key, row] of this.rows) {
            if (keys.has(key)) continue;
            if (row.element.contains(document.activeElement)) this.search.focus();
            row.element.remove();
            this.rows.delete(key);
        }
        let next = this.list.firstElementChild;
        for (const setting of settings) {
            let row = this.rows.get(setting.key);
            if (row) row.update(setting);
            else {
                row = new SettingRow(setting, this.page);
                this.rows.set(setting.key, row);
            }
            // Moving an element would take the focus from it.
            if (row.element === next) next = next.nextElementSibling;
            else this.list.insertBefore(row.element, next);
        }
        this.show();
    }

    /** Removes all rows, because another config is shown. */
    clear() {
        this.rows.clear();
        this.list.replaceChildren();
    }

    /** Shows the results of "evaluate as" by key; none if the map is null. */
    showEvaluation(results) {
        for (const [key, row] of this.rows) row.showEvaluation(results?.get(key) ?? null);
        if (!results && this.filter === 'changed') this.filter = 'all';
        this.show();
    }

    choose(name) {
        this.filter = name;
        this.show();
        announce(this.count.textContent);
    }

    /** Hides the rows that the search or the filter excludes. */
    show() {
        const words = this.search.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
        const numbers = Object.fromEntries(Object.keys(filters).map((name) => [name, 0]));
        let visible = 0;
        for (const row of this.rows.values()) {
            for (const name of Object.keys(filters)) if (filters[name].accepts(row)) numbers[name] += 1;
            const isFound = filters[this.filter].accepts(row) && words.every((word) => row.searchText.includes(word));
            // A row in which somebody works is not hidden by a change that comes from elsewhere.
            const isBusy = document.activeElement !== this.search && row.element.contains(document.activeElement);
            row.element.hidden = !isFound && !isBusy;
            if (!row.element.hidden) visible += 1;
        }
        for (const { name, button, number } of this.buttons) {
            button.setAttribute('aria-pressed', String(name === this.filter));
            button.hidden = name === 'changed' && !this.page.isEvaluating;
            setText(number, String(numbers[name]));
        }
        this.nothing.hidden = visible > 0 || this.rows.size === 0;
        const all = plural(this.rows.size, 'setting');
        setText(this.count, visible === this.rows.size ? all : `${visible} of ${all}`);
    }

    /** Opens a setting to which a link leads. */
    open(key) {
        const row = this.rows.get(key);
        if (!row) return announce(`There is no setting ${key}.`);
        if (row.element.hidden) {
            this.search.value = '';
            this.filter = 'all';
            this.show();
        }
        row.toggle(true);
        row.disclosure.focus({ preventScroll: true });
        row.element.scrollIntoView({ block: 'center' });
    }

    flash(keys) {
        for (const key of keys) this.rows.get(key)?.flash();
    }
}
