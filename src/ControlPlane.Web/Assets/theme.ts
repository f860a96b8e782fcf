// Runs before the first paint: no flash of the other theme, no jump of the navigation.
const root = document.documentElement;
const stored = localStorage.getItem("theme");
const dark = stored ? stored === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
root.dataset.bsTheme = dark ? "dark" : "light";
root.classList.add("js");
root.classList.toggle("nav-narrow", localStorage.getItem("nav") === "narrow");
