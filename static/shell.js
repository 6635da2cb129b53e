"use strict";
// The frame around every page: menus, search by "/", the counts, what is under way, what was just said.
// Without this file the menus open by themselves, the search sends, and the counts are missing.
(() => {
  const body = document.body;

  // Menus: one open at a time, closed by Escape and by a click beside them ---------------------------------------
  const menus = () => document.querySelectorAll("details[data-menu][open]");
  const close = (except) => { for (const menu of menus()) if (menu !== except) menu.open = false; };
  document.addEventListener("click", (event) => close(event.target.closest("details[data-menu]")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = menus()[0];
      close();
      open?.querySelector("summary").focus();
    }
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if ((event.key === "/" && !typing) || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey))) {
      const search = document.querySelector("[data-shortcut='/']");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  // The menu at the side: wide or narrow, remembered on this device ----------------------------------------------
  const fold = document.querySelector("[data-fold]");
  if (fold) {
    fold.hidden = false;
    fold.addEventListener("click", () => {
      const narrow = document.documentElement.toggleAttribute("data-menu");
      if (narrow) document.documentElement.dataset.menu = "narrow";
      try { localStorage.setItem("menu", narrow ? "narrow" : "wide"); } catch { /* not kept */ }
    });
  }

  // Lists: ticks count themselves, a row is looked at beside the list, empty fields stay out of the address --------
  const ticked = () => {
    const form = document.getElementById("ticked");
    if (!form) return;
    const number = document.querySelectorAll("input[form=ticked][name]:checked").length;
    form.classList.toggle("shown", number > 0);
    form.querySelector("[data-ticked-number]").textContent = number ? `(${number})` : "";
  };
  document.addEventListener("change", (event) => {
    const all = event.target.dataset?.tickAll;
    if (all) for (const box of event.target.form.elements) if (box.name === all) box.checked = event.target.checked;
    if (all || event.target.getAttribute("form") === "ticked") ticked();
  });
  const ready = () => { for (const all of document.querySelectorAll("[data-tick-all]")) all.hidden = false; ticked(); };
  ready();
  addEventListener("pageshow", ready);
  body.addEventListener("htmx:afterSwap", ready);
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-glance]"), panel = document.getElementById("glance");
    if (!link || !panel || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const box = document.getElementById("glance-body");
    box.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(link.dataset.glance, { redirect: "error" });
      if (!response.ok) throw new Error(response.status);
      box.innerHTML = await response.text();
      (window.bootstrap || window.tabler).Offcanvas.getOrCreateInstance(panel).show();
      panel.addEventListener("hidden.bs.offcanvas", () => link.focus(), { once: true });
    } catch { location.href = link.href; }
    box.removeAttribute("aria-busy");
  });
  const usual = (form) => {
    const boxes = [...form.querySelectorAll("input[name=columns]")];
    return boxes.length && boxes.every((box) => box.checked === ("usual" in box.dataset));
  };
  const lean = (form, data) => {
    if (usual(form)) data.delete("columns");
    for (const [name, value] of [...data.entries()]) if (value === "") data.delete(name);
  };
  body.addEventListener("htmx:configRequest", (event) => {
    const form = event.target.closest?.("form[data-filter]");
    if (form) lean(form, event.detail.formData || event.detail.parameters);
  });
  for (const form of document.querySelectorAll("form[data-filter]")) form.addEventListener("formdata", (event) => lean(form, event.formData));
  document.addEventListener("submit", (event) => {
    // Back to the list as it stands, not as the page came.
    const next = event.target.querySelector("input[name=next]");
    if (next) next.value = location.pathname + location.search;
  }, true);
  const sorted = (query) => [...new URLSearchParams(query)].filter(([name, value]) => value && name !== "after").map((pair) => pair.join("=")).sort().join("&");
  body.addEventListener("htmx:pushedIntoHistory", () => {
    for (const tab of document.querySelectorAll(".list-tabs .nav-link")) {
      const here = sorted(new URL(tab.href).search) === sorted(location.search);
      tab.classList.toggle("active", here);
      if (here) tab.setAttribute("aria-current", "page"); else tab.removeAttribute("aria-current");
    }
  });
  for (const form of document.querySelectorAll("form[data-view]")) {
    // What is kept is the list as it stands now, after filters without a new page.
    form.addEventListener("submit", () => { form.querySelector("[data-query]").value = location.search.slice(1); });
  }

  // What waits: asked for after the page is there, and every minute while somebody looks -------------------------
  const show = (numbers) => {
    for (const badge of document.querySelectorAll("[data-count]")) {
      const number = numbers[badge.dataset.count] || 0;
      badge.hidden = !number;
      badge.textContent = number >= 100 ? "99+" : String(number);
      if (badge.dataset.count === "tasks") badge.classList.toggle("count-late", numbers.late > 0);
    }
  };
  const count = async () => {
    if (document.hidden) return;
    try {
      const response = await fetch(body.dataset.counts, { headers: { Accept: "application/json" }, redirect: "error" });
      if (response.ok) show(await response.json());
    } catch { /* no connection: the numbers stay as they were */ }
  };
  if (body.dataset.counts) {
    count();
    setInterval(count, 60000);
    document.addEventListener("visibilitychange", count);
  }

  // What takes longer than a moment says that it is under way ----------------------------------------------------
  const bar = document.querySelector(".busy");
  let waiting = 0;
  const busy = () => { clearTimeout(waiting); waiting = setTimeout(() => { bar.hidden = false; }, 400); };
  const idle = () => { clearTimeout(waiting); bar.hidden = true; };
  const file = (link) => link.hasAttribute("download") || /\/export\/|\.pdf|\/pdf\/|\.json|\.xlsx|format=csv|\/files\//.test(link.href);
  if (bar) {
    document.addEventListener("submit", (event) => { if (!event.defaultPrevented) busy(); });
    document.addEventListener("click", (event) => {
      if (event.defaultPrevented) return;
      const link = event.target.closest("a[href]");
      const away = link && link.origin === location.origin && !link.target && !link.getAttribute("href").startsWith("#");
      if (away && !file(link) && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) busy();
    });
    body.addEventListener("htmx:beforeRequest", busy);
    body.addEventListener("htmx:afterRequest", idle);
    addEventListener("pageshow", idle);
    addEventListener("pagehide", idle);
  }

  // What was just done is said in a corner for a while; what went wrong stays on the page ------------------------
  const said = [...document.querySelectorAll(".alert-success[data-said]")];
  if (said.length) {
    const corner = document.createElement("div");
    corner.className = "toast-container position-fixed bottom-0 end-0 p-3";
    corner.setAttribute("role", "status");
    body.append(corner);
    for (const alert of said) {
      const toast = document.createElement("div");
      toast.className = "toast show";
      const text = document.createElement("div");
      text.className = "toast-body d-flex gap-2 align-items-center";
      text.append(...alert.childNodes);
      const shut = document.createElement("button");
      shut.type = "button";
      shut.className = "btn-close ms-auto";
      shut.setAttribute("aria-label", body.dataset.sayClose);
      shut.addEventListener("click", () => toast.remove());
      text.append(shut);
      toast.append(text);
      alert.remove();
      corner.append(toast);
      let left = setTimeout(() => toast.remove(), 10000);
      for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, () => clearTimeout(left));
      toast.addEventListener("pointerleave", () => { left = setTimeout(() => toast.remove(), 4000); });
    }
  }
})();
