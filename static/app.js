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
        // By what is shown and by what else it is called: code, the other language, pinyin and its initials.
        searchField: ["text", "sought"],
        render: {
          option: (data, escape) => {
            const [name, ...rest] = data.text.split(" · ");
            return `<div class="picked"><span>${escape(name)}</span><small>${escape(rest.join(" · "))}</small></div>`;
          },
          no_results: (_data, escape) => `<div class="no-results">${escape(say("None"))}</div>`,
        },
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
    const shown = (row) => [...row.querySelectorAll("input, select, textarea")].filter((f) => f.name && !["hidden", "file"].includes(f.type));
    // A searched list hides its own select: what is seen is what gets the cursor.
    const focus = (f) => (f?.tomselect || f)?.focus();
    const startsWith = (list) => list.querySelector("[data-add]").value.split(":")[1] || "";
    const room = (list) => list.closest("form").querySelectorAll(`[data-list="${list.dataset.list}"] [data-row]:not([data-gone])`).length < (Number(list.dataset.most) || 60);
    const note = (list, text, button) => {
      const said = document.createElement("p");
      said.dataset.note = "1";
      said.setAttribute("role", "status");
      said.textContent = text + " ";
      if (button) said.append(button);
      list.querySelector("[data-add]").before(said);
      return said;
    };
    const add = (list, at) => {
      const name = list.dataset.list, form = list.closest("form"), value = startsWith(list);
      const places = [...form.querySelectorAll(`[name^="${name}-"]`)].map((f) => parseInt(f.name.slice(name.length + 1), 10));
      const place = at ?? Math.max(-1, ...places.filter(Number.isInteger)) + 1;
      const box = list.querySelector("[data-rows]");
      box.insertAdjacentHTML("beforeend", list.querySelector("template").innerHTML.replaceAll("__prefix__", place));
      const row = box.lastElementChild;
      row.dataset.added = value;
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
    const changed = (form) => form.dispatchEvent(new Event("change", { bubbles: true }));
    const remove = (row) => {
      const undo = document.createElement("button");
      undo.type = "button";
      undo.className = "btn btn-sm btn-link";
      undo.textContent = say("Undo");
      shut(row, true);
      const said = note(row.closest("[data-list]"), say("Removed"), undo);
      undo.addEventListener("click", () => { shut(row, false); said.remove(); focus(shown(row)[0]); changed(row.closest("form")); });
      return undo;
    };
    // A table as Excel puts it on the clipboard: tabs, lines, and quotes around a cell with either in it.
    const cells = (text) => {
      const found = [[""]];
      let quoted = false;
      for (let n = 0; n < text.length; n++) {
        const sign = text[n], row = found[found.length - 1], last = row.length - 1;
        if (quoted ? sign === '"' : sign === '"' && row[last] === "") {
          if (quoted && text[n + 1] === '"') { row[last] += '"'; n++; } else quoted = !quoted;
        } else if (!quoted && sign === "\t") row.push("");
        else if (!quoted && sign === "\n") found.push([""]);
        else if (sign !== "\r") row[last] += quoted && sign === "\n" ? " " : sign;
      }
      return found.filter((row) => row.some((cell) => cell.trim()));
    };
    const day = (text) => {
      const found = text.match(/^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/);
      return found ? `${found[1]}-${found[2].padStart(2, "0")}-${found[3].padStart(2, "0")}` : "";
    };
    const choice = (f, text) => {
      const names = [...f.options].filter((one) => one.value);
      const exact = names.filter((one) => [one.text.trim(), one.text.split(" · ")[0].trim()].includes(text));
      return exact.length === 1 ? exact[0].value : "";
    };
    // Whether the field has taken the cell.
    const put = (f, text) => {
      const value = f.type === "checkbox" ? "" : f.options ? choice(f, text) : f.type === "date" ? day(text) : text;
      if (!value) return !text;
      f.value = value;
      f.tomselect?.sync();
      return f.value !== "";
    };
    // What was copied in Excel goes cell by cell, row by row; rows are added as they are needed.
    const paste = (event) => {
      const row = event.target.closest?.("[data-row]"), list = row?.closest("[data-list]");
      const text = (event.clipboardData?.getData("text/plain") || "").replace(/[\r\n]+$/, "");
      if (!list?.querySelector("template") || !/[\t\n]/.test(text) || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      const target = event.target.closest(".ts-wrapper")?.previousElementSibling || event.target;
      const from = Math.max(0, shown(row).indexOf(target)), left = [];
      let at = row;
      for (const line of cells(text)) {
        at = at || (room(list) ? add(list) : null);
        if (!at) { left.push(line.join(" ")); continue; }
        line.forEach((cell, n) => { const f = shown(at)[from + n]; if (!f || !put(f, cell.trim())) left.push(cell.trim()); });
        do at = at.nextElementSibling; while (at && at.hidden);
      }
      if (left.filter(Boolean).length) note(list, `${say("Untaken")} ${left.filter(Boolean).join("、")}`);
      changed(list.closest("form"));
    };
    const read = (form) => {
      const added = {}, gone = [];
      for (const row of form.querySelectorAll("[data-row]")) {
        if ("gone" in row.dataset) gone.push(own(row));
        else if ("added" in row.dataset) added[own(row)] = row.dataset.added;
      }
      return { "+": added, "-": gone };
    };
    const listOf = (form, name, value) => form.querySelector(`[data-add][value="${value ? `${name}:${value}` : name}"]`)?.closest("[data-list]");
    const write = (form, saved) => {
      for (const [key, value] of Object.entries(saved["+"] || {})) {
        const [, name, place] = key.match(/^([a-z_]+)-(\d+)$/) || [], list = name && listOf(form, name, value);
        if (list && !form.querySelector(`[name^="${key}-"]`)) add(list, Number(place));
      }
      for (const key of saved["-"] || []) {
        const row = form.querySelector(`[name^="${key}-"]`)?.closest("[data-row]");
        if (row && !row.hidden) remove(row);
      }
    };
    // What each list was when the page came: a draft of a list that is another now carries nothing back.
    const was = (form) => {
      const found = {};
      for (const list of form.querySelectorAll("[data-list]")) {
        const text = [...list.querySelectorAll("[data-row] [name]")].map((f) => `${f.name}=${f.options ? [...f.options].find((one) => one.defaultSelected)?.value : ["checkbox", "radio"].includes(f.type) ? f.defaultChecked : f.defaultValue}`).join("|");
        found[list.dataset.list] = (found[list.dataset.list] || "") + text;
      }
      return found;
    };
    const click = (event) => {
      const more = event.target.closest?.("[data-add]"), less = event.target.closest?.("[data-remove]");
      const link = event.target.closest?.("a[href^='#id_']");
      if (link) {
        const f = document.getElementById(link.hash.slice(1));
        if (f?.tomselect) { event.preventDefault(); f.tomselect.wrapper.scrollIntoView({ block: "center" }); f.tomselect.focus(); }
      }
      if (!more && !less) return;
      event.preventDefault();
      if (less) remove(less.closest("[data-row]")).focus();
      else if (room(more.closest("[data-list]"))) focus(shown(add(more.closest("[data-list]")))[0]);
      else note(more.closest("[data-list]"), say("Full"));
      changed((more || less).form);
    };
    return { click, paste, read, write, was };
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
  // Without the lists that somebody else has changed since.
  const stillFits = (saved, was) => {
    const other = Object.keys(was).filter((name) => (saved["~"] || {})[name] !== was[name]);
    const kept = (name) => !other.some((list) => name.startsWith(`${list}-`));
    const found = Object.fromEntries(Object.entries(saved).filter(([name]) => kept(name)));
    return { ...found, "+": Object.fromEntries(Object.entries(saved["+"] || {}).filter(([name]) => kept(name))), "-": (saved["-"] || []).filter(kept) };
  };
  const keep = (form) => {
    const key = draftKey(form.dataset.keep);
    const saved = store.get(key);
    // A refused form comes back with everything in it: what it says now is no change, and the draft before still counts.
    const refused = !!form.querySelector(".alert-danger[role=alert]");
    const was = refused && saved ? saved["~"] || {} : rows.was(form);
    if (saved && !refused) write(form, stillFits(saved, was));
    const save = () => {
      const now = { ...read(form), "~": was }, before = refused ? saved || {} : {};
      store.set(key, { ...before, ...now, "+": { ...before["+"], ...now["+"] }, "-": [...new Set([...(before["-"] || []).filter((one) => !form.querySelector(`[name^="${one}-"]`)), ...now["-"]])] });
    };
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
