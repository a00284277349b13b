// Balance it yourself: Gymnasium's CartPole-v1 and the chapter's agents, in the page.
"use strict";

explorables.cartpole = (() => {
  const GRAVITY = 9.8, POLE_MASS = 0.1, TOTAL_MASS = 0.1 + 1.0, HALF_LENGTH = 0.5;
  const POLE_MOMENT = POLE_MASS * HALF_LENGTH, FORCE = 10, SECONDS = 0.02;
  const FARTHEST = 2.4, STEEPEST = 12 * 2 * Math.PI / 360, LIMIT = 500;

  /** One step of Gymnasium's CartPole-v1: the next [x, velocity, angle, angular velocity]. */
  function step([x, xDot, theta, thetaDot], action) {
    const force = action === 1 ? FORCE : -FORCE;
    const cos = Math.cos(theta), sin = Math.sin(theta);
    const temp = (force + POLE_MOMENT * (thetaDot * thetaDot) * sin) / TOTAL_MASS;
    const thetaAcc = (GRAVITY * sin - cos * temp) /
      (HALF_LENGTH * (4 / 3 - POLE_MASS * (cos * cos) / TOTAL_MASS));
    const xAcc = temp - POLE_MOMENT * thetaAcc * cos / TOTAL_MASS;
    return [x + SECONDS * xDot, xDot + SECONDS * xAcc,
      theta + SECONDS * thetaDot, thetaDot + SECONDS * thetaAcc];
  }

  const terminated = ([x, , theta]) => Math.abs(x) > FARTHEST || Math.abs(theta) > STEEPEST;

  /** A network out of dqn.explorables.network: from an observation to its action values. */
  function network(layers) {
    const numbers = (text) => {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const view = new DataView(bytes.buffer); // little-endian, whatever the machine
      return Float64Array.from({length: bytes.length / 4}, (_, i) => view.getFloat32(4 * i, true));
    };
    const read = layers.map(({inputs, outputs, weights, biases}) =>
      ({inputs, outputs, weights: numbers(weights), biases: numbers(biases)}));
    return (observation) => {
      let x = observation.map(Math.fround); // the environment's observations are float32
      read.forEach(({inputs, outputs, weights, biases}, depth) => {
        const y = Array.from(biases);
        for (let i = 0; i < inputs; i++) {
          if (x[i] === 0) continue;
          for (let j = 0; j < outputs; j++) y[j] += x[i] * weights[i * outputs + j];
        }
        x = depth < read.length - 1 ? y.map((value) => Math.max(value, 0)) : y;
      });
      return x;
    };
  }

  return {LIMIT, SECONDS, network, step, terminated};
})();

explorables.define("cartpole", (live, data) => {
  const {button, choice, element, lessMotion, randomNumbers, set, svg} = explorables;
  const {LIMIT, SECONDS, network, step, terminated} = explorables.cartpole;
  const agents = data.agents.map(({label, layers}) => ({label, values: network(layers)}));
  const random = randomNumbers(data.seed);
  const SCALE = 100, GROUND = 190, POLE = 1.0 * SCALE; // pixels of the drawing
  const WIDEST = 5; // difference of values that fills half the bar
  const held = new Set(); // arrow keys and buttons that are down
  let driver = data.first, state, steps, push = 0, over = "", record = 0;
  let running = false, visible = true, last = null, owed = 0, rest = 0, lastAction = 1, speed = 1;

  // -- the drawing
  const stage = svg("svg", {viewBox: "0 0 600 230", class: "cp-stage", tabindex: 0, role: "group",
    "aria-label": "Cart and pole. With you driving, the left and right arrow keys push the cart; " +
      "A and D push the pole."});
  const cart = svg("g", {}), pole = svg("g", {class: "cp-pole"});
  pole.append(svg("rect", {x: -22, y: -POLE - 22, width: 44, height: POLE + 22, fill: "transparent"}),
    svg("rect", {x: -5, y: -POLE, width: 10, height: POLE, rx: 4, class: "cp-stick"}));
  cart.append(svg("rect", {x: -28, y: -14, width: 56, height: 28, rx: 4, class: "cp-cart"}), pole,
    svg("circle", {r: 5, class: "cp-axle"}));
  const arrow = svg("path", {class: "cp-force"});
  cart.append(arrow);
  stage.append(
    svg("rect", {x: 0, y: 0, width: 60, height: 230, class: "cp-out"}),
    svg("rect", {x: 540, y: 0, width: 60, height: 230, class: "cp-out"}),
    svg("line", {x1: 0, y1: GROUND + 14, x2: 600, y2: GROUND + 14, class: "cp-track"}), cart);
  const banner = stage.appendChild(svg("text", {x: 300, y: 40, "text-anchor": "middle",
    "font-size": 24, class: "cp-banner"}));

  // -- bars of the two action values, and words
  const bars = ["Q(s, left)", "Q(s, right)"].map((name) => {
    const fill = element("span", {class: "cp-fill"}), number = element("span", {class: "cp-number"});
    const node = element("div", {class: "cp-bar"}, element("span", {class: "cp-name"}, name),
      element("span", {class: "cp-track-bar"}, fill), number);
    return {node, fill, number};
  });
  const lead = element("span", {class: "cp-lead"}), leadNumber = element("span", {class: "cp-number"});
  const difference = element("div", {class: "cp-bar"}, element("span", {class: "cp-name"}, "difference"),
    element("span", {class: "cp-track-bar cp-centred"}, lead), leadNumber);
  const count = element("p", {class: "cp-count"});
  const news = element("p", {class: "cp-news", role: "status"});
  const who = choice("Driver:", [...agents.map(({label}, i) => [i, `agent, ${label}`]), [-1, "you"]],
    drive);
  who.input.value = driver;
  const playing = button("Play", () => run(!running), {class: "cp-play"});
  const pace = choice("Speed:", [[1, "real time"], [0.5, "half"], [0.2, "a fifth"]],
    (value) => { speed = Number(value); });
  const hold = (name, action) => {
    const press = () => takeOver(action), release = () => held.delete(action);
    const isPress = (event) => event.key === "Enter" || event.key === " ";
    return button(name, () => {}, {class: "cp-drive", onpointerdown: press, onpointerup: release,
      onpointerleave: release, onpointercancel: release, onblur: release,
      onkeydown: (event) => isPress(event) && press(), onkeyup: release});
  };
  const driving = element("div", {class: "ex-controls cp-driving"}, hold("◀ Cart left", 0), hold("Cart right ▶", 1));
  live.append(stage, ...bars.map((bar) => bar.node), difference, count,
    element("div", {class: "ex-controls"}, who.node, pace.node),
    element("div", {class: "ex-controls"}, playing,
      button("One step", () => { run(false); advance(); draw(); }, {class: "cp-step"}),
      button("Again", restart, {class: "cp-again"}),
      button("Push pole left", () => shove(-1), {class: "cp-shove"}),
      button("Push pole right", () => shove(1), {class: "cp-shove"})),
    driving, news);

  function restart() {
    state = Array.from({length: 4}, () => 0.1 * random() - 0.05); // as Gymnasium's reset
    steps = 0; over = ""; rest = 0; push = 0; owed = 0;
    news.textContent = "";
    draw();
  }

  function drive(value) {
    driver = Number(value);
    restart();
    if (driver < 0) {
      run(false); // until the first key
      stage.focus();
      news.textContent = "Press an arrow key to begin.";
    }
  }

  /** A knock against the pole: half a radian a second. */
  function shove(direction) {
    push += direction;
    if (!running) { applyPush(); draw(); }
  }

  function applyPush() {
    state = [state[0], state[1], state[2], state[3] + 0.5 * push];
    push = 0;
  }

  function takeOver(action) {
    if (driver >= 0) { driver = -1; who.input.value = -1; restart(); }
    held.add(action);
    if (over) restart();
    run(true);
  }

  function nextAction() {
    if (driver >= 0) {
      const [left, right] = agents[driver].values(state);
      return right > left ? 1 : 0;
    }
    if (held.size === 1) return [...held][0];
    return 1 - lastAction; // the task knows no rest: to and fro
  }

  function advance() {
    if (over) return restart();
    if (push) applyPush();
    lastAction = nextAction();
    state = step(state, lastAction);
    steps += 1;
    record = driver < 0 ? Math.max(record, steps) : record;
    const name = driver < 0 ? "You" : `The agent ${agents[driver].label}`;
    if (terminated(state)) over = Math.abs(state[0]) > 2.4 ? "left the track" : "fell";
    else if (steps === LIMIT) over = "full time";
    if (over) {
      news.textContent = `${name}: ${over} after ${steps} steps.` +
        (driver < 0 ? ` Your best so far: ${record}.` : "");
    }
  }

  function run(on) {
    running = on;
    playing.textContent = on ? "Pause" : "Play";
    last = null;
    if (on) requestAnimationFrame(tick);
  }

  function tick(now) {
    if (!running) return;
    requestAnimationFrame(tick);
    if (!visible) { last = null; return; }
    owed = Math.min(owed + (last === null ? 0 : speed * (now - last) / 1000), 0.1); // never race to catch up
    last = now;
    while (owed >= SECONDS) {
      owed -= SECONDS;
      if (!over) advance();
      else if ((rest += SECONDS) > 1.5) { rest = 0; restart(); }
    }
    draw();
  }

  function draw() {
    const [x, , theta] = state, values = agents[driver]?.values(state);
    cart.setAttribute("transform", `translate(${300 + SCALE * x} ${GROUND})`);
    pole.setAttribute("transform", `rotate(${theta * 180 / Math.PI})`);
    arrow.setAttribute("d", steps && !over
      ? lastAction ? "M-46 -8 l14 8 l-14 8 z" : "M46 -8 l-14 8 l14 8 z" : "");
    banner.textContent = over ? over[0].toUpperCase() + over.slice(1) : "";
    bars.forEach(({node, fill, number}, action) => {
      const value = values ? values[action] : 0;
      fill.style.width = `${Math.min(100, Math.max(0, value))}%`;
      number.textContent = values ? value.toFixed(2) : "–";
      node.classList.toggle("cp-best", Boolean(values) && values[action] > values[1 - action]);
    });
    const gap = values ? values[1] - values[0] : 0, share = Math.min(50, Math.abs(gap) * 50 / WIDEST);
    lead.style.width = `${share}%`;
    lead.style.marginLeft = `${gap < 0 ? 50 - share : 50}%`;
    leadNumber.textContent = values ? (gap < 0 ? "−" : "+") + Math.abs(gap).toFixed(2) : "–";
    count.textContent = `Step ${steps} of ${LIMIT}: ${(steps * SECONDS).toFixed(2)} s`;
  }

  stage.addEventListener("keydown", (event) => {
    const action = {ArrowLeft: 0, ArrowRight: 1}[event.key];
    const knock = {a: -1, d: 1}[event.key.toLowerCase()];
    if (action !== undefined) { event.preventDefault(); takeOver(action); }
    else if (knock && !event.ctrlKey && !event.metaKey && !event.repeat) shove(knock);
  });
  stage.addEventListener("keyup", (event) => held.delete({ArrowLeft: 0, ArrowRight: 1}[event.key]));
  stage.addEventListener("blur", () => held.clear());
  pole.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // a press on the left side pushes to the right
    const box = stage.getBoundingClientRect(), [x, , theta] = state;
    const height = (GROUND - (event.clientY - box.top) * 230 / box.height) / SCALE;
    const at = (event.clientX - box.left) * 600 / box.width;
    shove(at < 300 + SCALE * (x + height * Math.tan(theta)) ? 1 : -1);
  });
  new IntersectionObserver(([entry]) => { visible = entry.isIntersecting; }).observe(stage);

  restart();
  if (!lessMotion()) run(true);
  live.current = () => ({state: [...state], steps, driver, over, running});
});
