"use strict";
// Everything works without this file; it searches in long lists and keeps what was typed.
(() => {
  const enhance = (root) => {
    for (const select of root.querySelectorAll("select")) {
      if (select.options.length <= 12 || select.tomselect) continue;
      // The label moves to the new control; the hidden select keeps its name for readers.
      if (select.labels.length) select.setAttribute("aria-label", select.labels[0].textContent.trim());
      new TomSelect(select, { maxOptions: 500, plugins: select.multiple ? ["remove_button"] : [] });
    }
  };
  const keep = (form) => {
    const key = "draft:" + form.dataset.keep;
    const fields = () => [...form.elements].filter((f) => f.name && !["hidden", "file", "submit", "password"].includes(f.type) && f.tagName !== "BUTTON");
    const saved = JSON.parse(localStorage.getItem(key) || "null");
    if (saved && !form.querySelector("[role=alert]")) {
      for (const f of fields()) if (f.name in saved && f.type === "checkbox") f.checked = saved[f.name];
      else if (f.name in saved && !f.multiple) f.value = saved[f.name];
    }
    form.addEventListener("input", () => {
      const typed = {};
      for (const f of fields()) if (!f.multiple) typed[f.name] = f.type === "checkbox" ? f.checked : f.value;
      try { localStorage.setItem(key, JSON.stringify(typed)); } catch { /* a full or closed store: typing goes on */ }
    });
    form.addEventListener("submit", () => localStorage.removeItem(key));
  };
  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-keep]")) keep(form);
    enhance(document);
    for (const all of document.querySelectorAll("input[data-tick-all]")) {
      all.hidden = false;
      all.addEventListener("change", () => {
        for (const one of all.form.querySelectorAll(`input[name=${all.dataset.tickAll}]`)) one.checked = all.checked;
      });
    }
    for (const form of document.querySelectorAll("form[method=post]")) form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      setTimeout(() => delete form.dataset.sent, 4000);
    });
  });
})();
