// Events of the store, page by page, and the objects that they are about.

import { get } from "../api.js";

const PAGE = 48;

export class Past {
  /** Objects by id, beside those that are in the list themselves: the instants show their pictures. */
  objects = new Map();
  #query = new URLSearchParams();
  #next = null;
  #loading = null;

  get query() {
    return this.#query;
  }

  get hasMore() {
    return this.#next !== null;
  }

  get isLoading() {
    return this.#loading !== null;
  }

  /** The newest events of `query`; null where another call has come meanwhile. Rejects with an ApiError. */
  first(query) {
    this.#query = query;
    this.#next = null;
    this.objects.clear();
    return this.#fetch(new Set());
  }

  /** Those behind; `known` are the ids of all that are in the list. */
  more(known) {
    return this.#fetch(known);
  }

  /** Fetches what `events` are about, where it is not `known`; returns the objects that are new. */
  async findObjects(events, known) {
    const wanted = new Set(events.map(({ object_id }) => object_id).filter((id) => id !== null && !known.has(id) && !this.objects.has(id)));
    if (wanted.size === 0) {
      return [];
    }
    const query = new URLSearchParams([...[...wanted].map((id) => ["id", id]), ["limit", PAGE]]);
    const { events: objects } = await get(`/api/v1/events?${query}`);
    objects.forEach((object) => this.objects.set(object.id, object));
    return objects;
  }

  async #fetch(known) {
    const loading = (this.#loading = Symbol("loading"));
    const query = new URLSearchParams(this.#query);
    query.set("limit", PAGE);
    if (this.#next !== null) {
      query.set("cursor", this.#next);
    }
    try {
      const { events, next } = await get(`/api/v1/events?${query}`);
      if (loading === this.#loading) {
        await this.findObjects(events, new Set([...known, ...events.map(({ id }) => id)]));
      }
      if (loading !== this.#loading) {
        return null;
      }
      this.#next = next;
      return events;
    } finally {
      this.#loading = loading === this.#loading ? null : this.#loading;
    }
  }
}
