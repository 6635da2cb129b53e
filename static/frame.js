"use strict";
// Before anything is drawn: bright or dark, a wide or a narrow menu.
(() => {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    const theme = root.dataset.theme === "auto" ? (dark.matches ? "dark" : "light") : root.dataset.theme;
    root.dataset.bsTheme = theme;
  };
  root.classList.remove("no-script");
  paint();
  dark.addEventListener("change", paint);
  try { if (localStorage.getItem("menu") === "narrow") root.dataset.menu = "narrow"; } catch { /* no storage: wide */ }
})();
