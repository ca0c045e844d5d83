// Runs in the page: an app's few lines around the SDK, and a record of what it heard. Knows no check.

window.lane = {
    /** Events by the name of their subscription, in the order heard. */
    heard: {},
    /** What `onError` was told. */
    errors: [],
    closings: 0,

    /** Makes a client and its services, as an app does at its start. */
    connect(endpoint, project) {
        const sdk = window.Appwrite;
        this.client = new sdk.Client().setEndpoint(endpoint).setProject(project);
        this.account = new sdk.Account(this.client);
        this.presences = new sdk.Presences(this.client);
        this.teams = new sdk.Teams(this.client);
        this.realtime = new sdk.Realtime(this.client);
        this.realtime.onError((error, code) => this.errors.push({ message: error?.message, code }));
        this.realtime.onClose(() => (this.closings += 1));
    },

    /** Subscribes and records what comes under `name`; the subscription can be ended by the same name. */
    async listen(name, channels, queries) {
        this.heard[name] = [];
        this.subscriptions ??= {};
        this.subscriptions[name] = await this.realtime.subscribe(
            channels,
            (event) => this.heard[name].push(event),
            queries,
        );
    },

    /** The first event of a presence with this action that `name` heard after its first `skip` events. */
    find(name, presenceId, action, skip) {
        return this.heard[name].slice(skip).find((event) => event.events.includes(`presences.${presenceId}.${action}`));
    },
};
