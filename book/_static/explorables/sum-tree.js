// A sum tree to walk through: the reader's throws descend as those of dqn.prioritized.SumTree do.
"use strict";

/** The tree of dqn.prioritized.SumTree, number for number; the root is node 1. */
explorables.SumTree = class {
  constructor(capacity) {
    this.capacity = capacity;
    this.firstLeaf = 1;
    while (this.firstLeaf < capacity) this.firstLeaf *= 2;
    this.nodes = new Array(2 * this.firstLeaf).fill(0);
  }

  get total() {
    return this.nodes[1];
  }

  /** Change a leaf and the sums above it; return these nodes, the leaf first. */
  set(leaf, value) {
    let node = this.firstLeaf + leaf;
    const changed = [node];
    this.nodes[node] = value;
    while (node > 1) {
      node = Math.floor(node / 2);
      this.nodes[node] = this.nodes[2 * node] + this.nodes[2 * node + 1];
      changed.push(node);
    }
    return changed;
  }

  /** Descend with a mass from 0 to the total; return a step for each node on the way. */
  descend(mass) {
    const steps = [{node: 1, mass}];
    let node = 1;
    while (node < this.firstLeaf) {
      const left = this.nodes[2 * node], right = this.nodes[2 * node + 1];
      const goRight = mass >= left && right > 0; // never into an empty branch
      if (goRight) mass -= left;
      node = 2 * node + goRight;
      steps.push({node, mass, left, goRight});
    }
    return steps;
  }

  find(mass) {
    return this.descend(mass).at(-1).node - this.firstLeaf;
  }
};

explorables.define("sum-tree", (live, data) => {
  const {brief, button, element, lessMotion, randomNumbers, set, slider, svg} = explorables;
  const tree = new explorables.SumTree(data.priorities.length);
  data.priorities.forEach((priority, leaf) => tree.set(leaf, priority));
  const random = randomNumbers(data.seed);
  const counts = new Array(tree.capacity).fill(0);
  let chosen = 0, mass = 0, steps = [], shown = 0, changed = [], timer = null;

  // -- the drawing: levels from the root down to the leaves, and below them all leaves as one bar
  const depth = Math.log2(tree.firstLeaf), width = 360, row = 44, barTop = 34 + row * depth + 34;
  const drawing = svg("svg", {viewBox: `0 0 ${width} ${barTop + 34}`, class: "st-tree", role: "group",
    "aria-label": "Sum tree; choose a leaf to change its priority"});
  const place = (node) => {
    const level = Math.floor(Math.log2(node));
    return {x: width * (node - 2 ** level + 0.5) / 2 ** level, y: 20 + row * level};
  };
  const lines = {}, boxes = {};
  const present = (node) => node >= tree.firstLeaf ? node - tree.firstLeaf < tree.capacity : true;
  for (let node = 2; node < tree.nodes.length; node++) {
    if (!present(node)) continue;
    const from = place(Math.floor(node / 2)), to = place(node);
    lines[node] = drawing.appendChild(
      svg("line", {x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: "st-line"}));
  }
  for (let node = 1; node < tree.nodes.length; node++) {
    if (!present(node)) continue;
    const {x, y} = place(node), leaf = node - tree.firstLeaf;
    const half = Math.min(24, width / 2 ** (Math.floor(Math.log2(node)) + 1) - 2);
    const text = svg("text", {x, y: y + 5, "text-anchor": "middle", "font-size": 13});
    const box = svg("rect", {x: x - half, y: y - 14, width: 2 * half, height: 28, rx: 5});
    const group = svg("g", {class: "st-node", "data-node": node}, box, text);
    if (leaf >= 0) {
      set(group, {class: "st-node st-leaf", role: "button", tabindex: 0});
      group.append(svg("text", {x, y: y + 27, "text-anchor": "middle", "font-size": 10,
        class: "st-number", "aria-hidden": "true"}, String(leaf)));
      group.addEventListener("click", () => choose(leaf));
      group.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(leaf); }
      });
    }
    drawing.append(group);
    boxes[node] = {group, text};
  }
  const bar = drawing.appendChild(svg("g", {"aria-hidden": "true"}));
  const parts = counts.map(() => bar.appendChild(svg("rect", {y: barTop, height: 20})));
  const pin = bar.appendChild(svg("path", {class: "st-pin"}));

  // -- the controls
  const priority = slider("Priority of leaf 0:",
    {min: 0, max: data.largest, step: 0.1, value: tree.nodes[tree.firstLeaf], show: brief, oninput: update});
  const throwAt = slider("Throw at:", {min: 0, max: 1, step: "any", value: 0,
    scale: (share) => share * tree.total, show: (value) => value.toFixed(2),
    oninput: (value) => begin(value, false)});
  const words = element("ol", {class: "st-words", role: "status"});
  const totals = element("p", {class: "st-totals"});
  live.append(drawing,
    element("div", {class: "ex-controls"}, priority.node, throwAt.node),
    element("div", {class: "ex-controls"},
      button("Throw a sample", () => begin(random() * tree.total, !lessMotion()), {class: "st-throw"}),
      button("Throw 1,000", throwMany, {class: "st-many"})),
    words, totals);

  function choose(leaf) {
    chosen = leaf;
    priority.text = `Priority of leaf ${leaf}:`;
    priority.position = tree.nodes[tree.firstLeaf + leaf];
    draw();
  }

  function update(value) {
    stop();
    changed = tree.set(chosen, value);
    steps = [];
    counts.fill(0);
    throwAt.position = 0;
    draw();
  }

  /** Descend with a mass, at once or node by node. */
  function begin(value, slowly) {
    stop();
    changed = [];
    if (tree.total === 0) { steps = []; return draw(); }
    mass = value;
    steps = tree.descend(mass);
    throwAt.position = mass / tree.total;
    shown = slowly ? 1 : steps.length;
    if (slowly) {
      timer = setInterval(() => {
        shown += 1;
        if (shown === steps.length) stop();
        draw();
      }, 800);
    }
    draw();
  }

  function throwMany() {
    if (tree.total === 0) return;
    for (let i = 0; i < 1000; i++) counts[tree.find(random() * tree.total)] += 1;
    draw();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
  }

  function explain({node, mass: rest, left, goRight}) {
    const last = node >= tree.firstLeaf ? ` That is leaf ${node - tree.firstLeaf}.` : "";
    if (node === 1) return `At the root, with ${rest.toFixed(2)} of ${brief(tree.total)}.${last}`;
    if (goRight) {
      return `${(rest + left).toFixed(2)} is not below the left sum ${brief(left)}: ` +
        `go right, with ${rest.toFixed(2)} left.${last}`;
    }
    return rest < left ? `${rest.toFixed(2)} is below the left sum ${brief(left)}: go left.${last}`
      : `The right branch is empty: go left.${last}`;
  }

  function draw() {
    const path = new Set(steps.slice(0, shown).map((step) => step.node));
    const found = steps.length && shown === steps.length ? steps.at(-1).node - tree.firstLeaf : -1;
    for (const [node, {group, text}] of Object.entries(boxes)) {
      const leaf = node - tree.firstLeaf;
      text.textContent = brief(tree.nodes[node]);
      group.classList.toggle("st-path", path.has(Number(node)));
      group.classList.toggle("st-changed", changed.includes(Number(node)));
      lines[node]?.classList.toggle("st-path", path.has(Number(node)));
      if (leaf < 0) continue;
      set(group, {"aria-pressed": leaf === chosen,
        "aria-label": `Leaf ${leaf}, priority ${brief(tree.nodes[node])}`});
    }
    let before = 0;
    parts.forEach((part, leaf) => {
      const value = tree.nodes[tree.firstLeaf + leaf], scale = tree.total ? width / tree.total : 0;
      set(part, {x: before * scale, width: value * scale,
        class: leaf === found ? "st-hit" : leaf % 2 ? "st-odd" : "st-even"});
      before += value;
    });
    const x = tree.total ? width * mass / tree.total : 0;
    pin.setAttribute("d", steps.length ? `M${x} ${barTop + 21} l6 11 h-12 z` : "");
    words.replaceChildren(...steps.slice(0, shown).map((step) => element("li", {}, explain(step))));
    const thrown = counts.reduce((sum, count) => sum + count, 0);
    if (tree.total === 0) totals.textContent = "All priorities are 0: there is nothing to draw.";
    else if (changed.length > 1) {
      totals.textContent = `One leaf changed, and the ${changed.length - 1} sums above it. ` +
        `The total is ${brief(tree.total)}.`;
    } else if (thrown) {
      totals.textContent = `Of ${thrown.toLocaleString("en")} throws: ` + counts.map((count, leaf) =>
        `leaf ${leaf} ${(100 * count / thrown).toFixed(1)} % (its share is ` +
        `${(100 * tree.nodes[tree.firstLeaf + leaf] / tree.total).toFixed(1)} %)`).join(", ") + ".";
    } else totals.textContent = `The total is ${brief(tree.total)}.`;
  }
  choose(0);
});
