// Creates and updates elements. Everything that comes from a config is set as text, never as HTML.

/**
 * Creates an element. Names that begin with "on" are event listeners, `class` and names with a hyphen are attributes,
 * others are properties; attributes that are null are left out. Children are nodes or strings; null is skipped.
 */
export function element(tag, properties = {}, ...children) {
    const created = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (value === null || value === undefined) continue;
        if (name.startsWith('on')) created.addEventListener(name.slice(2), value);
        else if (name === 'class' || name === 'for' || name === 'role' || name.includes('-')) {
            created.setAttribute(name, value);
        } else created[name] = value;
    }
    created.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return created;
}

/** Returns an identifier for an element that others refer to, for example by `aria-controls`. */
export function newID(prefix) {
    count += 1;
    return `${prefix}-${count}`;
}
let count = 0;

/** Changes the text of an element, unless it has it already: screen readers would read it again. */
export function setText(target, text) {
    if (target.textContent !== text) target.textContent = text;
}

/** Sets an attribute, or removes it if the value is null. */
export function setAttribute(target, name, value) {
    if (value === null) target.removeAttribute(name);
    else if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/**
 * Replaces the children of an element if what they show has changed. If one of them has the focus, the child with the
 * same `data-focus` gets it afterwards, or else the given element.
 */
export function replaceIfChanged(target, shown, children, fallback = null) {
    const mark = fingerprint(shown);
    if (marks.get(target) === mark) return;
    marks.set(target, mark);
    const hadFocus = target.contains(document.activeElement);
    const name = hadFocus ? document.activeElement.dataset.focus : null;
    target.replaceChildren(...children().filter((child) => child !== null && child !== undefined));
    if (!hadFocus) return;
    const same = [...target.querySelectorAll('[data-focus]')].find((child) => child.dataset.focus === name);
    (same ?? fallback)?.focus();
}
const marks = new WeakMap();

/** Returns a string that is equal for equal data. */
export function fingerprint(data) {
    return JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** Has screen readers say something, without moving the focus. */
export function announce(text) {
    const region = document.getElementById('announcements');
    // The same text twice would not be a change.
    region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}

/** Shows the result of an action above the settings, until it is closed or replaced. */
export function showNotice(text, kind = 'information') {
    const notice = document.getElementById('notice');
    notice.dataset.kind = kind;
    setText(document.getElementById('notice-text'), text);
    notice.hidden = text === '';
}

/**
 * Returns a function that runs an asynchronous action, at most one at a time. Calls during a run lead to one more run,
 * and all of them end when the data is up to date.
 */
export function coalesced(action) {
    let running = null;
    let requested = false;
    return () => {
        requested = true;
        running ??= (async () => {
            // Calls of one event are one run.
            await null;
            try {
                while (requested) {
                    requested = false;
                    await action();
                }
            } finally {
                running = null;
            }
        })();
        return running;
    };
}
