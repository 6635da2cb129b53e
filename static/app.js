"use strict";
// Everything works without this file; it searches in long lists, keeps what was typed and says when nothing was sent.
(() => {
  const say = (name) => document.body.dataset["say" + name];
  const user = () => document.body.dataset.user || "";
  const prefix = "draft:";

  // Long lists ---------------------------------------------------------------------------------------------------
  const enhance = (root) => {
    for (const select of root.querySelectorAll("select")) {
      if (select.options.length <= 12 || select.multiple || select.tomselect || "plain" in select.dataset) continue;
      // The label moves to the new control; the hidden select keeps its name for readers.
      if (select.labels.length) select.setAttribute("aria-label", select.labels[0].textContent.trim());
      new TomSelect(select, {
        maxOptions: 500,
        render: { no_results: (_data, escape) => `<div class="no-results">${escape(say("None"))}</div>` },
      });
    }
    for (const box of root.querySelectorAll(".chips")) {
      const chips = [...box.querySelectorAll("label")];
      if (chips.length <= 12 || box.querySelector("input[type=search]")) continue;
      const search = document.createElement("input");
      search.type = "search";
      search.setAttribute("aria-label", box.querySelector("legend").textContent.trim());
      search.addEventListener("input", () => {
        const wanted = search.value.trim().toLowerCase();
        for (const chip of chips) {
          chip.hidden = !!wanted && !chip.textContent.toLowerCase().includes(wanted) && !chip.querySelector("input").checked;
        }
      });
      box.querySelector("legend").after(search);
    }
  };

  // Rows of a list: one more, one less, and a table pasted into one -----------------------------------------------
  const rows = (() => {
    const own = (row) => row.querySelector("[name]").name.match(/^[a-z_]+-\d+/)[0];
    const add = (list, value, at) => {
      const name = list.dataset.list, form = list.closest("form");
      const places = [...form.querySelectorAll(`[name^="${name}-"]`)].map((f) => parseInt(f.name.slice(name.length + 1), 10));
      const place = at ?? Math.max(-1, ...places.filter(Number.isInteger)) + 1;
      const box = list.querySelector("[data-rows]");
      box.insertAdjacentHTML("beforeend", list.querySelector("template").innerHTML.replaceAll("__prefix__", place));
      const row = box.lastElementChild;
      row.dataset.added = value || "";
      if (value) row.querySelector("[name]").value = value;
      form.elements[`${name}-TOTAL_FORMS`].value = place + 1;
      enhance(row);
      hint(row);
      return row;
    };
    const shut = (row, out) => {
      row.hidden = out;
      for (const f of row.querySelectorAll("input, select, textarea")) f.disabled = out;
      row.toggleAttribute("data-gone", out);
    };
    const remove = (row) => {
      const list = row.closest("[data-list]");
      shut(row, true);
      list.querySelector("[data-undo]")?.remove();
      const note = document.createElement("p");
      note.dataset.undo = "1";
      note.setAttribute("role", "status");
      note.textContent = say("Removed") + " ";
      const undo = document.createElement("button");
      undo.type = "button";
      undo.className = "btn btn-sm btn-link";
      undo.textContent = say("Undo");
      undo.addEventListener("click", () => { shut(row, false); note.remove(); row.querySelector("input, select, textarea")?.focus(); });
      note.append(undo);
      list.querySelector("[data-add]").before(note);
    };
    const shown = (row) => [...row.querySelectorAll("input, select, textarea")].filter(
      (f) => f.name && !["hidden", "file"].includes(f.type));
    const put = (f, text) => {
      if (f.type === "checkbox") return;
      if (f.options) text = [...f.options].find((one) => one.text.trim().startsWith(text.trim()) && text.trim())?.value ?? f.value;
      f.value = text.trim();
      f.tomselect?.sync();
    };
    // What was copied in Excel goes cell by cell, row by row; rows are added as they are needed.
    const paste = (event) => {
      const row = event.target.closest?.("[data-row]"), list = row?.closest("[data-list]");
      const text = event.clipboardData?.getData("text/plain") || "";
      if (!list?.querySelector("template") || !/[\t\n]/.test(text.trim()) || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      const from = shown(row).indexOf(event.target);
      let at = row;
      for (const line of text.trim().split(/\r?\n/)) {
        at = at || add(list, row.dataset.added ?? "");
        line.split("\t").forEach((cell, n) => { const f = shown(at)[from + n]; if (f) put(f, cell); });
        do at = at.nextElementSibling; while (at && at.hidden);
      }
      event.target.form.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const read = (form) => {
      const added = {}, gone = [];
      for (const row of form.querySelectorAll("[data-row]")) {
        if ("gone" in row.dataset) gone.push(own(row));
        else if ("added" in row.dataset) added[own(row)] = row.dataset.added;
      }
      return { ...(Object.keys(added).length ? { "+": added } : {}), ...(gone.length ? { "-": gone } : {}) };
    };
    const write = (form, saved) => {
      for (const [key, value] of Object.entries(saved["+"] || {})) {
        const [, name, place] = key.match(/^([a-z_]+)-(\d+)$/) || [];
        const button = form.querySelector(`[data-add][value="${value ? `${name}:${value}` : name}"]`);
        if (button && !form.querySelector(`[name^="${key}-"]`)) add(button.closest("[data-list]"), value, Number(place));
      }
      for (const key of saved["-"] || []) {
        const row = form.querySelector(`[name^="${key}-"]`)?.closest("[data-row]");
        if (row) shut(row, true);
      }
    };
    const click = (event) => {
      const more = event.target.closest?.("[data-add]"), less = event.target.closest?.("[data-remove]");
      if (!more && !less) return;
      event.preventDefault();
      if (more) add(more.closest("[data-list]"), more.value.split(":")[1]).querySelector("input:not([type=hidden]), select, textarea")?.focus();
      else remove(less.closest("[data-row]"));
      (more || less).form.dispatchEvent(new Event("change", { bubbles: true }));
    };
    return { click, paste, read, write };
  })();

  // Drafts: kept on this device under the person's own key, dropped when the server has taken the form ---------------
  const store = {
    get: (key) => { try { return JSON.parse(localStorage.getItem(key) || "null"); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or closed: typing goes on */ } },
    drop: (key) => { try { localStorage.removeItem(key); } catch { /* nothing kept */ } },
    all: () => { try { return Object.keys(localStorage).filter((key) => key.startsWith(prefix)); } catch { return []; } },
  };
  const draftKey = (name) => `${prefix}${user()}:${name}`;
  const dropTaken = () => {
    const found = document.cookie.split("; ").find((one) => one.startsWith("taken="));
    if (!found) return;
    const bytes = found.slice(6).match(/../g) || [];
    store.drop(draftKey(new TextDecoder().decode(new Uint8Array(bytes.map((one) => parseInt(one, 16))))));
    document.cookie = "taken=; max-age=0; path=/; samesite=lax";
  };
  const typedIn = (form) => [...form.elements].filter(
    (f) => f.name && !f.disabled && !["hidden", "file", "submit", "password", "search"].includes(f.type) && f.tagName !== "BUTTON");
  // Only what was changed here: a draft must not carry back what somebody else has changed since.
  const changed = (f) => f.options ? [...f.options].some((one) => one.selected !== one.defaultSelected) : f.value !== f.defaultValue;
  const read = (form) => {
    const typed = {};
    for (const f of typedIn(form)) {
      if (f.type === "checkbox" || f.type === "radio") { if (f.checked !== f.defaultChecked) typed[`${f.name}=${f.value}`] = f.checked; }
      else if (!f.multiple && changed(f)) typed[f.name] = f.value;
    }
    return { ...typed, ...rows.read(form) };
  };
  const write = (form, saved) => {
    rows.write(form, saved);
    for (const f of typedIn(form)) {
      if (f.type === "checkbox" || f.type === "radio") { if (`${f.name}=${f.value}` in saved) f.checked = saved[`${f.name}=${f.value}`]; }
      else if (f.name in saved && !f.multiple) { f.value = saved[f.name]; if (f.tomselect) f.tomselect.sync(); }
    }
  };
  const keep = (form) => {
    const key = draftKey(form.dataset.keep);
    const saved = store.get(key);
    // A refused form comes back with everything in it: what it says now is no change, and the draft before still counts.
    const refused = !!form.querySelector(".alert-danger[role=alert]");
    if (saved && !refused) write(form, saved);
    const save = () => store.set(key, refused ? { ...(store.get(key) || {}), ...read(form) } : read(form));
    form.addEventListener("input", save);
    form.addEventListener("change", save);
  };

  // Sending: first ask whether the server is there and still knows who we are; nothing leaves the page otherwise -----
  const tell = (form, text, link) => {
    let box = form.querySelector("[data-unsent]");
    if (!box) {
      box = document.createElement("div");
      box.className = "alert alert-danger m-3";
      box.setAttribute("role", "alert");
      box.dataset.unsent = "1";
      (form.querySelector(".card-footer") || form.lastElementChild || form).before(box);
    }
    box.textContent = text + " ";
    if (link) {
      const a = document.createElement("a");
      a.href = document.body.dataset.login;
      a.target = "_blank";
      a.rel = "noopener";
      a.textContent = say("Link");
      box.append(a);
    }
    box.scrollIntoView({ block: "center" });
  };
  const ready = async (form) => {
    let answer;
    try {
      const response = await fetch(document.body.dataset.session, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!response.ok) throw new Error(response.status);
      answer = await response.json();
    } catch { tell(form, say("Offline")); return false; }
    if (answer.user === null) { tell(form, say("Login"), true); return false; }
    if (String(answer.user) !== user()) { tell(form, say("Other"), true); return false; }
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = answer.token;
    return true;
  };
  const guard = (form) => form.addEventListener("submit", async (event) => {
    if (form.dataset.ready || !user()) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    form.dataset.sending = "1";
    if (!(await ready(form))) { delete form.dataset.sending; return; }
    form.dataset.ready = "1";
    form.requestSubmit(event.submitter || undefined);
    // A page that comes back from the browser's memory may be sent again: its key makes that harmless.
    setTimeout(() => { delete form.dataset.ready; delete form.dataset.sending; }, 8000);
  });

  // Hints while writing: never a block ---------------------------------------------------------------------------
  const hint = (root) => {
    const data = document.getElementById("hint-words");
    if (!data) return;
    const words = JSON.parse(data.textContent);
    for (const field of root.querySelectorAll("textarea, input[type=text]")) {
      if (!field.closest("form[data-hints]")) continue;
      const kind = /^roots-\d+-statement$|^whys-\d+-because$/.test(field.name) ? "causes" : /^actions-\d+-text$/.test(field.name) ? "actions" : "";
      const note = document.createElement("div");
      note.className = "hint";
      note.setAttribute("aria-live", "polite");
      field.after(note);
      const look = () => {
        const text = field.value.trim();
        const weak = kind ? words[kind].filter((one) => text.toLowerCase().includes(one)) : [];
        if (weak.length) note.textContent = words["say_" + kind].replace("%s", weak.join("、"));
        else note.textContent = text && [...text].length < 4 && !/\d/.test(text) ? words.say_short : "";
      };
      field.addEventListener("input", look);
      look();
    }
  };
  const hintScope = () => {
    const data = document.getElementById("hint-words"), list = document.querySelector("form[data-hints] [data-list=scope]");
    if (!data || !list) return;
    const note = document.createElement("p");
    note.className = "hint";
    note.setAttribute("aria-live", "polite");
    list.append(note);
    const look = () => { note.textContent = list.querySelector("[name$=-applies]:checked") ? "" : JSON.parse(data.textContent).say_scope; };
    list.addEventListener("change", look);
    look();
  };

  // A list that could not be refreshed says so -------------------------------------------------------------------
  const shownAt = new Date();
  const failed = (event) => {
    const rows = event.detail && event.detail.target;
    if (!rows || rows.id !== "rows") return;
    rows.querySelector("[data-stale]")?.remove();
    const box = document.createElement("div");
    box.className = "alert alert-danger";
    box.setAttribute("role", "alert");
    box.dataset.stale = "1";
    box.textContent = `${say("Stale")} ${(rows.shownAt || shownAt).toLocaleTimeString()} `;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn btn-sm";
    again.textContent = say("Again");
    again.addEventListener("click", () => document.querySelector("form[data-filter]").requestSubmit());
    box.append(again);
    rows.prepend(box);
  };

  document.addEventListener("DOMContentLoaded", () => {
    dropTaken();
    enhance(document);
    for (const form of document.querySelectorAll("form[data-keep]")) keep(form);
    hint(document);
    hintScope();
    document.addEventListener("click", rows.click);
    document.addEventListener("paste", rows.paste);
    for (const all of document.querySelectorAll("input[data-tick-all]")) {
      all.hidden = false;
      all.addEventListener("change", () => {
        for (const one of all.form.querySelectorAll(`input[name=${all.dataset.tickAll}]`)) one.checked = all.checked;
      });
    }
    for (const form of document.querySelectorAll("form[method=post]")) {
      if (form.dataset.forget !== undefined) form.addEventListener("submit", () => store.all().forEach(store.drop));
      else if (form.dataset.keep !== undefined || form.enctype === "multipart/form-data") guard(form);
    }
    document.body.addEventListener("htmx:sendError", failed);
    document.body.addEventListener("htmx:responseError", failed);
    document.body.addEventListener("htmx:timeout", failed);
    document.body.addEventListener("htmx:afterSwap", (event) => { event.detail.target.shownAt = new Date(); });
  });
})();
