// The development API of the server: requests, and the stream of its events.

/** An error whose message is for the person in front of the page. */
export class Failure extends Error {
    constructor(message, status = 0) {
        super(message);
        this.status = status;
    }
}

/** Parses JSON. Integers that a Number cannot represent become BigInts, so that no digit is lost. */
export function parseJSON(text) {
    if (!/\d{16}/.test(text)) return JSON.parse(text);
    return JSON.parse(text, (_, value, context) => {
        const isExact = !Number.isInteger(value) || Number.isSafeInteger(value);
        return isExact || !/^-?\d+$/.test(context?.source ?? '') ? value : BigInt(context.source);
    });
}

/** Returns a setting's value as JSON. */
export function valueJSON(value) {
    return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** Sends a request, and returns the JSON of the response; null if it has no body. */
async function send(method, path, body = null) {
    const headers = body === null ? {} : { 'Content-Type': 'application/json' };
    let response;
    let text;
    try {
        response = await fetch(path, { method, headers, body });
        text = await response.text();
    } catch {
        throw new Failure('The server does not answer.');
    }
    if (response.status === 401) location.assign('/login');
    let content = null;
    try {
        content = text === '' ? null : parseJSON(text);
    } catch {
        throw new Failure(`The server's answer is not JSON (status ${response.status}).`, response.status);
    }
    if (!response.ok) throw new Failure(content?.error ?? `The server answered ${response.status}.`, response.status);
    return content;
}

/** Sends requests that change something one after another, so that the last click wins. */
function change(...request) {
    const result = lastChange.then(() => send(...request));
    lastChange = result.catch(() => {});
    return result;
}
let lastChange = Promise.resolve();

/** The requests for one config. */
export class ConfigAPI {
    constructor(id) {
        this.path = `/api/dev/configs/${encodeURIComponent(id)}`;
    }

    settings() {
        return send('GET', `${this.path}/settings`);
    }

    clients() {
        return send('GET', `${this.path}/clients`);
    }

    sync() {
        return send('POST', `${this.path}/sync`);
    }

    /** Overrides a setting for everybody, or for one user. */
    override(key, user, value) {
        return change('PUT', this.overridePath(key, user), `{"value":${valueJSON(value)},"enabled":true}`);
    }

    enableOverride(key, user, enabled) {
        return change('PUT', this.overridePath(key, user), JSON.stringify({ enabled }));
    }

    removeOverride(key, user) {
        return change('DELETE', this.overridePath(key, user));
    }

    removeAllOverrides() {
        return change('DELETE', `${this.path}/overrides`);
    }

    overridePath(key, user) {
        // Browsers remove such segments of a path, so that the request would be for something else.
        if (key === '' || key === '.' || key === '..') {
            throw new Failure('A browser cannot name this key in a URL. Import the override from a file.');
        }
        const query = user === null ? '' : `?user=${encodeURIComponent(user)}`;
        return `${this.path}/overrides/${encodeURIComponent(key)}${query}`;
    }

    /** Evaluates all settings for the user in a JSON string. */
    evaluate(userJSON) {
        return send('POST', `${this.path}/evaluate`, `{"user":${userJSON}}`);
    }

    explain(key, userJSON) {
        return send('POST', `${this.path}/explain`, `{"key":${JSON.stringify(key)},"user":${userJSON}}`);
    }

    importOverrides(json, replace) {
        return change('POST', `${this.path}/import${replace ? '?replace=true' : ''}`, json);
    }

    get exportPath() {
        return `${this.path}/export`;
    }
}

/**
 * Receives the server's events while the page is visible. `handlers` has a function for each event, and `connection`,
 * which is called with "connecting", "live" or "lost".
 *
 * Pages that nobody sees have no stream: browsers allow six connections to a server, so that the seventh tab would wait.
 * Each stream begins with the whole state, so nothing is missed.
 */
export function followEvents(handlers) {
    const firstDelay = 500;
    let delay = firstDelay;
    let source = null;
    let timer = null;
    const disconnect = () => {
        clearTimeout(timer);
        source?.close();
        source = null;
    };
    const connect = () => {
        disconnect();
        source = new EventSource('/api/dev/events');
        source.onopen = () => {
            delay = firstDelay;
            handlers.connection('live');
        };
        source.onerror = () => {
            handlers.connection('lost');
            // The browser connects again after a broken connection, but not after an answer that is an error.
            if (source?.readyState !== EventSource.CLOSED) return;
            // The token may have changed, which leads to the login form.
            send('GET', '/api/dev/configs').catch(() => {});
            timer = setTimeout(connect, delay);
            delay = Math.min(2 * delay, 10_000);
        };
        for (const name of ['hello', 'config', 'overrides', 'clients', 'problem']) {
            source.addEventListener(name, (event) => handlers[name](parseJSON(event.data)));
        }
    };
    const follow = () => {
        if (document.hidden) return disconnect();
        handlers.connection('connecting');
        connect();
    };
    document.addEventListener('visibilitychange', follow);
    follow();
}
