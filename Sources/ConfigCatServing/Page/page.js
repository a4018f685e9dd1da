// The page of `configcatctl serve`: holds what the server has told, and passes it to the parts of the page.

import { ConfigAPI, followEvents } from './api.js';
import { ClientTable } from './clients.js';
import { announce, coalesced, element, fingerprint, setText, showNotice } from './dom.js';
import { SegmentList } from './segments.js';
import { SettingList } from './settings.js';
import { Transfer } from './transfer.js';
import { UserForm } from './user.js';
import { plural, valueText } from './values.js';

class Page {
    constructor() {
        this.configs = [];
        this.api = null;
        this.user = null;
        this.lastResults = null;
        this.loadProblem = null;
        /** Loads what depends on the config: after each change, and after each action. */
        this.refresh = coalesced(() => this.load());
        this.refreshClients = coalesced(() => this.loadClients());
        this.settings = new SettingList(this);
        this.segments = new SegmentList();
        this.clients = new ClientTable();
        this.transfer = new Transfer(this);
        this.userForm = new UserForm({
            evaluate: (json, name, id) => this.evaluateAs({ json, name, id }),
            stop: () => this.evaluateAs(null),
        });
        this.choice = document.getElementById('config');
        this.choice.addEventListener('change', () => this.show(this.choice.value));
        this.syncButton = document.getElementById('sync');
        this.syncButton.addEventListener('click', () => this.sync());
        document.getElementById('notice-close').addEventListener('click', () => showNotice(''));
        addEventListener('hashchange', () => this.followHash());
        addEventListener('keydown', (event) => this.focusSearch(event));
    }

    start() {
        followEvents({
            connection: (state) => this.showConnection(state),
            hello: ({ configs }) => this.adopt(configs),
            config: (event) => this.configChanged(event),
            overrides: ({ id }) => this.isShown(id) && this.refresh(),
            clients: ({ id }) => this.isShown(id) && this.refreshClients(),
            problem: ({ id, problem }) => this.problemChanged(id, problem),
        });
    }

    // The configs

    get config() {
        return this.configs.find(({ id }) => id === this.id) ?? null;
    }

    isShown(id) {
        return id === this.id;
    }

    /** Takes the configs that the server has at the beginning of each connection. */
    async adopt(configs) {
        this.configs = configs;
        this.choice.replaceChildren(...configs.map(({ id }) => element('option', { value: id }, id)));
        const wanted = this.id ?? new URLSearchParams(location.search).get('config');
        const found = configs.find(({ id }) => id === wanted) ?? configs[0];
        if (!found) return this.showProblem();
        await this.show(found.id);
    }

    async show(id) {
        const isOther = this.id !== undefined && this.id !== id;
        const isFirst = this.id === undefined;
        this.id = id;
        this.api = new ConfigAPI(id);
        this.choice.value = id;
        document.getElementById('config-choice').hidden = this.configs.length < 2;
        if (isOther) {
            history.replaceState(null, '', `?config=${encodeURIComponent(id)}`);
            this.lastResults = null;
            this.settings.clear();
            this.clients.clear();
        }
        this.showProblem();
        await Promise.all([this.refresh(), this.refreshClients()]);
        if (!isFirst) return;
        this.userForm.restore();
        this.followHash();
    }

    configChanged({ id, etag, version, changed }) {
        const config = this.configs.find((one) => one.id === id);
        if (config) Object.assign(config, { etag, version });
        if (!this.isShown(id)) return;
        this.refreshClients();
        this.refresh().then(() => {
            this.settings.flash(changed);
            if (changed.length > 0) announce(`Version ${version}: ${listed(changed)} changed.`);
        });
    }

    problemChanged(id, problem) {
        const config = this.configs.find((one) => one.id === id);
        if (config) config.problem = problem;
        if (!this.isShown(id)) return;
        this.showProblem();
        // Data may have come with the end of the problem.
        if (!problem && this.loadProblem) this.refresh();
    }

    // Loading

    async load() {
        const { api, id } = this;
        try {
            const loaded = await api.settings();
            if (!this.isShown(id)) return;
            this.loadProblem = null;
            Object.assign(this.config ?? {}, { etag: loaded.etag, version: loaded.version });
            this.settings.update(loaded.settings);
            this.segments.update(loaded.segments);
            const overrides = loaded.settings.reduce(
                (sum, { override, userOverrides }) => sum + (override ? 1 : 0) + userOverrides.length, 0);
            this.transfer.update(overrides);
            if (this.user) await this.evaluate(false);
        } catch (error) {
            if (this.isShown(id)) this.loadProblem = error.message;
        }
        this.showProblem();
    }

    async loadClients() {
        const { api, id } = this;
        try {
            const { clients } = await api.clients();
            if (this.isShown(id)) this.clients.update(clients, this.config?.version);
        } catch {
            // The state of the connection is shown already, and the next event asks again.
        }
    }

    async sync() {
        // A disabled button would lose the focus.
        if (this.syncButton.getAttribute('aria-disabled') === 'true') return;
        this.syncButton.setAttribute('aria-disabled', 'true');
        try {
            const before = this.config?.etag;
            const { success, error, version, etag } = await this.api.sync();
            const state = etag === before ? 'Nothing has changed' : 'The config is updated';
            showNotice(success ? `${state}: version ${version}.` : error ?? 'The sync failed.', success ? 'success' : 'error');
            await this.refresh();
        } catch (error) {
            showNotice(error.message, 'error');
        }
        this.syncButton.removeAttribute('aria-disabled');
    }

    // Evaluate as

    get isEvaluating() {
        return this.user !== null;
    }

    get userID() {
        return this.user?.id ?? null;
    }

    /** Shows the values of all settings for a user, or no longer if it is null. */
    async evaluateAs(user) {
        if (user === null) {
            this.user = null;
            return this.settings.showEvaluation(null);
        }
        const before = this.user;
        this.user = user;
        try {
            await this.evaluate(true);
        } catch (error) {
            this.user = before;
            throw error;
        }
    }

    /**
     * Evaluates for the current user. What differs from the last evaluation is marked; marks of the last one stay if the
     * user is the same and only the config has changed.
     */
    async evaluate(isNewRequest) {
        const { user, id } = this;
        const { values } = await this.api.evaluate(user.json);
        if (this.user !== user || !this.isShown(id)) return;
        const results = new Map();
        const changed = [];
        for (const result of values) {
            const last = this.lastResults?.get(result.key);
            const hasChanged = last && fingerprint(last.result.value) !== fingerprint(result.value);
            if (hasChanged) changed.push(result.key);
            const change = hasChanged ? { from: last.result.value } : isNewRequest ? null : last?.change ?? null;
            results.set(result.key, { userName: user.name, result, change });
        }
        const isFirst = this.lastResults === null;
        this.lastResults = results;
        this.settings.showEvaluation(results);
        if (!isNewRequest && changed.length === 0) return;
        const difference = changed.length === 0 ? 'nothing changed' : `${plural(changed.length, 'value')} changed`;
        announce(isFirst
            ? `Evaluated for ${user.name}.` : `Evaluated for ${user.name}: ${difference} since the last evaluation.`);
    }

    explain(key) {
        return this.api.explain(key, this.user.json);
    }

    // The frame of the page

    showConnection(state) {
        const texts = { connecting: 'Connecting…', live: 'Live', lost: 'Connection lost, trying again…' };
        const target = document.getElementById('connection');
        target.dataset.state = state;
        setText(target, texts[state]);
    }

    showProblem() {
        const config = this.config;
        const none = this.configs.length === 0 ? 'The server has no config.' : null;
        // The reason why there is no data says more than that there is none.
        const problem = config?.problem ?? this.loadProblem ?? none;
        document.getElementById('problem').hidden = !problem;
        setText(document.getElementById('problem-text'), valueText(problem ?? ''));
        setText(document.getElementById('config-name'), config?.name ?? '');
        setText(document.getElementById('version'), config?.version ? `Version ${config.version}` : 'No data yet');
    }

    /** Opens what a link leads to. */
    followHash() {
        const [kind, name] = location.hash.slice(1).split('=');
        if (name === undefined) return;
        let decoded;
        try {
            decoded = decodeURIComponent(name);
        } catch {
            return;
        }
        if (kind === 'setting') this.settings.open(decoded);
        if (kind === 'segment') this.segments.open(decoded);
    }

    focusSearch(event) {
        const isTyping = event.target.closest?.('input, textarea, select, dialog');
        if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
        event.preventDefault();
        const search = document.getElementById('search');
        search.focus();
        search.select();
    }
}

/** Returns names for a sentence: at most three, and the number of the others. */
function listed(names) {
    const shown = names.slice(0, 3).join(', ');
    return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

new Page().start();
