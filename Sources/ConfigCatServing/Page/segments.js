// The segments of a config, with links to the settings that use them.

import { address, linked } from './details.js';
import { element, replaceIfChanged } from './dom.js';

export class SegmentList {
    constructor() {
        this.panel = document.getElementById('segments-panel');
        this.list = document.getElementById('segments');
    }

    update(segments) {
        this.panel.hidden = segments.length === 0;
        const open = new Set([...this.list.children].filter((one) => one.open).map((one) => one.dataset.name));
        replaceIfChanged(this.list, segments, () => segments.map(({ name, conditions, usedBy }) => {
            const lines = conditions.map((condition, index) =>
                element('li', {}, index === 0 ? 'If ' : 'and ', ...linked(condition)));
            const links = usedBy.flatMap((key, index) => [
                index > 0 ? ', ' : null, element('a', { href: address('setting', key) }, element('bdi', {}, key)),
            ]);
            const summary = element('summary', { 'data-focus': name }, element('bdi', {}, name || 'empty name'));
            const use = usedBy.length > 0 ? ['Used by ', ...links] : ['No setting uses it.'];
            return element('details', { 'data-name': name, open: open.has(name) },
                summary, element('ul', {}, ...lines), element('p', {}, ...use));
        }));
    }

    /** Opens a segment to which a link leads. */
    open(name) {
        const found = [...this.list.children].find((one) => one.dataset.name === name);
        if (!found) return;
        found.open = true;
        found.querySelector('summary').focus({ preventScroll: true });
        found.scrollIntoView({ block: 'center' });
    }
}
