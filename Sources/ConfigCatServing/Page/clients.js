// The SDKs that have asked in the last minutes, and whether they have the newest config.

import { element, setText } from './dom.js';
import { plural } from './values.js';

export class ClientTable {
    constructor() {
        this.body = document.getElementById('clients');
        this.table = document.getElementById('clients-table');
        this.none = document.getElementById('no-clients');
        this.summary = document.getElementById('clients-summary');
        this.rows = new Map();
        setText(document.getElementById('base-url'), location.origin);
        setInterval(() => this.showAges(), 5_000);
    }

    update(clients, newest) {
        this.table.hidden = clients.length === 0;
        this.none.hidden = clients.length > 0;
        const current = clients.filter((client) => client.isCurrent).length;
        setText(this.summary, clients.length === 0
            ? '' : `${current} of ${plural(clients.length, 'SDK')} ${current === 1 ? 'has' : 'have'} version ${newest}, the newest.`);
        const before = this.rows;
        this.rows = new Map();
        for (const client of clients) {
            const name = JSON.stringify([client.sdk, client.address]);
            const row = before.get(name) ?? newRow();
            const hasArrived = row.client && !row.client.isCurrent && client.isCurrent;
            show(client, row);
            this.rows.set(name, row);
            if (hasArrived) flash(row.element);
        }
        for (const [name, row] of before) if (!this.rows.has(name)) row.element.remove();
        // The newest is first; rows in place are not moved.
        let next = this.body.firstElementChild;
        for (const { element: one } of this.rows.values()) {
            if (one === next) next = next.nextElementSibling;
            else this.body.insertBefore(one, next);
        }
        this.showAges();
    }

    clear() {
        this.rows.clear();
        this.body.replaceChildren();
    }

    showAges() {
        for (const { client, age } of this.rows.values()) setText(age, ageText(client.lastSeen));
    }
}

function newRow() {
    const [sdk, address, answer, version, age] = ['bdi', 'bdi', 'span', 'span', 'span'].map((tag) => element(tag));
    const state = element('span', { class: 'state' });
    const cells = [
        element('th', { scope: 'row' }, sdk, element('span', { class: 'address' }, address)),
        element('td', {}, version, state),
        element('td', {}, answer, age),
    ];
    age.className = 'age';
    return { element: element('tr', {}, ...cells), sdk, address, answer, version, state, age, client: null };
}

function show(client, row) {
    setText(row.sdk, client.sdk ?? 'Unknown SDK');
    setText(row.address, client.address);
    setText(row.answer, answerText(client.status));
    setText(row.version, client.version === null ? 'Unknown version' : `Version ${client.version}`);
    setText(row.state, client.isCurrent ? '✓ newest' : 'older');
    row.element.dataset.current = String(client.isCurrent);
    row.element.title = `${client.requests} requests`;
    row.client = client;
}

function answerText(status) {
    if (status === 200) return '200 new config';
    if (status === 304) return '304 not modified';
    return String(status);
}

function ageText(time) {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
    if (Number.isNaN(seconds)) return '';
    if (seconds < 5) return 'now';
    return seconds < 60 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

function flash(row) {
    row.classList.add('arrived');
    row.addEventListener('animationend', () => row.classList.remove('arrived'), { once: true });
}
