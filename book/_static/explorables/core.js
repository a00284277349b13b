// What all explorables share: they are found on the page, built, and put in the place of their
// still pictures. Classic scripts, because modules do not load from file://; deferred ones, so that
// the page is there when they run, and in order.
"use strict";

const explorables = (() => {
  let sliders = 0;

  /** Make an HTML element; attributes that begin with "on" are listeners. */
  function element(tag, attributes = {}, ...children) {
    return filled(document.createElement(tag), attributes, children);
  }

  /** Make an SVG element. */
  function svg(tag, attributes = {}, ...children) {
    return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
  }

  function filled(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  function set(node, attributes) {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  }

  function button(text, onclick, attributes = {}) {
    return element("button", {type: "button", onclick, ...attributes}, text);
  }

  /** A labelled slider that shows its value; `scale` turns the position into the value. */
  function slider(text, {min, max, step, value, scale = Number, show = String, oninput}) {
    const output = element("output");
    const input = element("input", {type: "range", min, max, step, value, id: `ex-slider-${sliders++}`});
    const label = element("label", {for: input.id}, text, " ", output); // an output can be labelled too
    const node = element("div", {class: "ex-slider"}, label, input);
    const control = {
      node,
      input,
      set text(words) { label.firstChild.textContent = words; },
      get value() { return scale(Number(input.value)); },
      set position(position) { input.value = position; refresh(); },
    };
    function refresh() {
      output.textContent = show(control.value);
      input.setAttribute("aria-valuetext", output.textContent);
    }
    input.addEventListener("input", () => { refresh(); oninput?.(control.value); });
    refresh();
    return control;
  }

  /** A labelled choice among [value, text] pairs. */
  function choice(text, pairs, onchange) {
    const input = element("select", {onchange: () => onchange(input.value)},
      ...pairs.map(([value, name]) => element("option", {value}, name)));
    return {node: element("label", {class: "ex-choice"}, text, " ", input), input};
  }

  /** Random numbers on [0, 1) that a seed determines (mulberry32). */
  function randomNumbers(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6D2B79F5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** A number as short as it can be read: three digits that count. */
  function brief(value) {
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 1000) return Math.round(value).toLocaleString("en");
    if (size < 0.001) return value.toExponential(1);
    return String(Number(value.toPrecision(3)));
  }

  const lessMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  /** Build every explorable of a kind: a function from its data and the place for its live part. */
  function define(kind, build) {
    for (const figure of document.querySelectorAll(`figure[data-explorable="${kind}"]`)) {
      const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
      const live = element("div", {class: "ex-live"});
      build(live, data); // if it throws, the still picture stays
      figure.prepend(live);
      figure.querySelector(".ex-still").hidden = true;
      figure.dataset.ready = "";
    }
  }

  return {brief, button, choice, define, element, lessMotion, randomNumbers, set, slider, svg};
})();
