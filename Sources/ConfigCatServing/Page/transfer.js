// Export, import and removal of all overrides of a config.

import { element, setText, showNotice } from './dom.js';
import { plural } from './values.js';

export class Transfer {
    constructor(page) {
        this.page = page;
        this.exportLink = document.getElementById('export');
        this.importDialog = document.getElementById('import-dialog');
        this.removeDialog = document.getElementById('remove-dialog');
        this.file = document.getElementById('import-file');
        this.replaces = document.getElementById('import-replace');
        this.error = document.getElementById('import-error');
        this.rejected = document.getElementById('import-rejected');
        const open = (id, dialog) => document.getElementById(id).addEventListener('click', () => this.open(dialog));
        open('import', this.importDialog);
        open('remove-all', this.removeDialog);
        for (const button of document.querySelectorAll('dialog [data-close]')) {
            button.addEventListener('click', () => button.closest('dialog').close());
        }
        document.getElementById('import-form').addEventListener('submit', (event) => {
            event.preventDefault();
            this.importFile();
        });
        document.getElementById('remove-form').addEventListener('submit', (event) => {
            event.preventDefault();
            this.removeAll();
        });
    }

    /** Adapts the buttons to another config, or another number of overrides. */
    update(overrides) {
        this.exportLink.href = this.page.api.exportPath;
        setText(document.getElementById('remove-count'), plural(overrides, 'override'));
        document.getElementById('remove-all').disabled = overrides === 0;
    }

    open(dialog) {
        setText(this.error, '');
        setText(document.getElementById('remove-error'), '');
        this.rejected.replaceChildren();
        this.file.value = '';
        dialog.showModal();
    }

    async importFile() {
        setText(this.error, '');
        this.rejected.replaceChildren();
        const file = this.file.files[0];
        if (!file) return setText(this.error, 'Choose a file that was exported before.');
        try {
            const result = await this.page.api.importOverrides(await file.text(), this.replaces.checked);
            await this.page.refresh();
            const text = `${plural(result.imported, 'override')} imported.`;
            if (result.rejected.length === 0) {
                this.importDialog.close();
                return showNotice(text);
            }
            setText(this.error, `${text} ${plural(result.rejected.length, 'override')} rejected:`);
            this.rejected.append(...result.rejected.map(({ key, user, error }) =>
                element('li', {}, element('bdi', {}, user ? `${key} for ${user}` : key), `: ${error}`)));
        } catch (error) {
            setText(this.error, error.message);
        }
    }

    async removeAll() {
        try {
            await this.page.api.removeAllOverrides();
            await this.page.refresh();
            this.removeDialog.close();
            showNotice('All overrides are removed.');
        } catch (error) {
            setText(document.getElementById('remove-error'), error.message);
        }
    }
}
