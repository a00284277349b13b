// A grid of values: a recorded run to scrub through, and Q-learning to let loose in the page.
"use strict";

/** One run of dqn.tabular.q_learning on a world out of dqn.explorables.grid_world. */
explorables.QLearning = class {
  /** `random` gives numbers on [0, 1), eight a step, in the order of the package's streams. */
  constructor(world, settings, random) {
    this.world = world;
    this.settings = settings; // alpha, gamma, epsilon: may be changed on the way
    this.random = random;
    this.q = world.mdp.reward.map((row) => row.map(() => 0));
    this.episodes = this.steps = this.length = 0;
    const u = this.draw();
    this.state = this.first(u.start);
    this.action = this.choose(u);
  }

  draw() {
    const names = ["explore", "pick", "tie", "coin", "start", "outcome", "radius", "angle"];
    return Object.fromEntries(names.map((name) => [name, this.random()]));
  }

  first(uniform) {
    return this.world.mdp.start.findIndex((sum) => uniform < sum);
  }

  /** Epsilon-greedy; ties are broken at random. */
  choose({explore, pick}) {
    const values = this.q[this.state], best = Math.max(...values);
    const all = explore < this.settings.epsilon;
    const candidates = values.flatMap((value, action) => all || value === best ? [action] : []);
    return candidates[Math.floor(pick * candidates.length)];
  }

  /** Take a step and learn from it; return what happened. */
  step() {
    const u = this.draw(), {mdp, limit} = this.world, {alpha, gamma} = this.settings;
    const {state, action} = this, row = this.q[state];
    const outcome = mdp.cumulative[state][action].filter((sum) => u.outcome >= sum).length;
    const reward = mdp.reward[state][action][outcome];
    const next = mdp.next_state[state][action][outcome];
    const terminated = mdp.terminated[state][action][outcome];
    const before = row[action];
    const target = reward + (terminated ? 0 : gamma) * Math.max(...this.q[next]);
    row[action] += alpha * (target - row[action]);
    this.steps += 1;
    this.length += 1;
    const done = terminated || this.length >= limit;
    if (done) { this.episodes += 1; this.length = 0; }
    this.state = done ? this.first(u.start) : next;
    this.action = this.choose(u);
    return {state, action, reward, next, terminated, done, before, after: row[action]};
  }
};

/** Expected undiscounted return of the greedy policy within the world's limit of steps. */
explorables.greedyReturn = ({mdp, limit}, q) => {
  const states = q.map((row, state) => {
    const best = Math.max(...row), ties = row.filter((value) => value === best).length;
    const ways = []; // [probability, reward, next state or none]
    row.forEach((value, action) => {
      if (value !== best) return;
      mdp.probability[state][action].forEach((probability, k) => {
        if (probability > 0) {
          ways.push([probability / ties, mdp.reward[state][action][k],
            mdp.terminated[state][action][k] ? -1 : mdp.next_state[state][action][k]]);
        }
      });
    });
    return ways;
  });
  let value = q.map(() => 0);
  for (let step = 0; step < limit; step++) {
    value = states.map((ways) => ways.reduce(
      (sum, [probability, reward, next]) =>
        sum + probability * (reward + (next < 0 ? 0 : value[next])), 0));
  }
  let before = 0, expected = 0;
  mdp.start.forEach((sum, state) => { expected += (sum - before) * value[state]; before = sum; });
  return expected;
};

explorables.define("grid", (live, data) => {
  const {brief, button, choice, element, lessMotion, randomNumbers, set, slider, svg} = explorables;
  const CORNERS = ["0,0 30,30 0,60", "0,60 30,30 60,60", "60,0 30,30 60,60", "0,0 30,30 60,0"];
  const SIDES = {"←": 0, "↓": 1, "→": 2, "↑": 3};
  const MOST = 2000; // tables kept to scrub through
  let world, learner = null, history = [], chosen = 0, timer = null, event = null, seed = 0;

  // -- the parts
  const grid = element("div", {class: "gr-grid", role: "group"});
  const scale = element("div", {class: "gr-scale", "aria-hidden": "true"});
  const ends = [element("span"), element("span", {}, "value"), element("span")];
  const scrub = slider("Episodes:", {min: 0, max: 0, step: 1, value: 0,
    scale: (place) => history[place]?.episode ?? 0, show: (n) => n.toLocaleString("en"),
    oninput: () => { stop(); event = null; draw(); }});
  const rates = Object.fromEntries([["alpha", "α"], ["gamma", "γ"], ["epsilon", "ε"]].map(
    ([name, sign]) => [name, slider(`${sign} =`, {min: 0, max: 1, step: 0.01, value: 0,
      show: (value) => value.toFixed(2),
      oninput: (value) => { if (learner) learner.settings[name] = value; }})]));
  const where = choice("World:", data.worlds.map(({name}, i) => [i, name]), (i) => enter(Number(i)));
  const pace = choice("Speed:", [["step", "steps"], ["episode", "episodes"], ["many", "20 episodes"]],
    () => { if (timer) { stop(); play(); } });
  pace.input.value = "episode";
  const playing = button("Play", () => timer ? stop() : play(), {class: "gr-play"});
  const when = element("p", {class: "gr-when"});
  const what = element("p", {class: "gr-what", role: "status"});
  live.append(
    element("div", {class: "ex-controls"}, where.node, pace.node),
    element("div", {class: "gr-frame"}, grid), scale, element("div", {class: "gr-ends", "aria-hidden": "true"}, ...ends),
    element("div", {class: "ex-controls"}, scrub.node),
    element("div", {class: "ex-controls"}, playing,
      button("One step", () => { stop(); walk(); draw(); }, {class: "gr-step"}),
      button("One episode", () => { stop(); event = null; finishEpisode(); draw(); }, {class: "gr-episode"}),
      button("Start afresh", () => { stop(); begin(); draw(); }, {class: "gr-again"})),
    element("div", {class: "ex-controls"}, ...Object.values(rates).map((rate) => rate.node)),
    when, what);
  let squares = [];

  function enter(index) {
    stop();
    world = data.worlds[index];
    for (const [name, value] of Object.entries(world.settings)) rates[name].position = value;
    const [rows, columns] = world.shape;
    set(grid, {style: `grid-template-columns: repeat(${columns}, minmax(0, 1fr)); ` +
      `max-width: ${columns > 6 ? 640 : 100 * columns}px; min-width: ${Math.min(44 * columns, 560)}px`,
      "aria-label": `${world.name}: ${rows} rows of ${columns} squares; choose one to read its values`});
    scale.style.background = `linear-gradient(to right, ${world.colors.join(",")})`;
    ends[0].textContent = brief(world.range[0]);
    ends[2].textContent = brief(world.range[1]);
    squares = world.mdp.reward.map((_, state) => square(state));
    grid.replaceChildren(...squares.map(({node}) => node));
    chosen = world.chosen ?? squares.findIndex(({parts}) => parts);
    if (world.recorded) replay(world.recorded);
    else begin();
    draw();
  }

  function square(state) {
    const label = world.labels[state];
    if (label) return {node: element("div", {class: "gr-square"}, label)};
    const node = element("button", {type: "button", class: "gr-square",
      onclick: () => { chosen = state; draw(); }});
    const drawing = node.appendChild(svg("svg", {viewBox: "0 0 60 60", "aria-hidden": "true"}));
    const parts = world.arrows.map((arrow) => drawing.appendChild(
      svg("polygon", {points: CORNERS[SIDES[arrow]], class: "gr-part"})));
    drawing.append(svg("rect", {x: 13, y: 17, width: 34, height: 27, rx: 4, class: "gr-plate"}));
    const text = {"text-anchor": "middle", x: 30, "font-size": 12, class: "gr-text"};
    const best = drawing.appendChild(svg("text", {...text, y: 28}));
    const number = drawing.appendChild(svg("text", {...text, y: 40}));
    return {node, parts, best, number};
  }

  /** Show a run that the chapter recorded. */
  function replay({episodes, epsilon, q}) {
    learner = null;
    history = episodes.map((episode, i) => ({episode, epsilon: epsilon[i], q: q[i]}));
    event = null;
    scrub.input.max = history.length - 1;
    scrub.position = 0;
  }

  /** Begin a run with the settings of the sliders. */
  function begin() {
    const settings = Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rate.value]));
    learner = new explorables.QLearning(world, settings, randomNumbers(data.seed + seed++));
    history = [];
    event = null;
    note();
  }

  /** Keep a copy of the table, and of older ones as many as there is room for. */
  function note() {
    if (history.length >= MOST) history = history.filter((_, i) => i % 2 === 0);
    history.push({episode: learner.episodes, epsilon: learner.settings.epsilon,
      q: learner.q.map((row) => [...row])});
    scrub.input.max = history.length - 1;
    scrub.position = history.length - 1;
  }

  function walk() {
    if (!learner) begin();
    event = learner.step();
    if (event.done) note();
    else scrub.position = history.length - 1;
  }

  function finishEpisode() {
    if (!learner) begin();
    const episode = learner.episodes;
    while (learner.episodes === episode) learner.step();
    note();
  }

  function play() {
    playing.textContent = "Pause";
    if (!learner && Number(scrub.input.value) === history.length - 1) scrub.position = 0;
    timer = setInterval(() => {
      if (!learner) { // the recorded run
        scrub.position = Number(scrub.input.value) + 1;
        if (Number(scrub.input.value) === history.length - 1) stop();
      } else if (pace.input.value === "step") walk();
      else {
        event = null;
        for (let i = 0; i < (pace.input.value === "many" ? 20 : 1); i++) finishEpisode();
      }
      draw();
    }, learner && pace.input.value === "many" ? 100 : 400);
    draw();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    playing.textContent = "Play";
  }

  function draw() {
    const place = Number(scrub.input.value), newest = learner && place === history.length - 1;
    const q = newest ? learner.q : history[place].q, [low, high] = world.range;
    squares.forEach(({node, parts, best, number}, state) => {
      node.classList.toggle("gr-here", Boolean(newest && learner.state === state));
      if (!parts) return;
      const row = q[state], top = Math.max(...row);
      row.forEach((value, action) => {
        const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
        parts[action].setAttribute("fill", world.colors[Math.round(63 * share)]);
      });
      const greedy = world.arrows.filter((_, action) => row[action] === top);
      best.textContent = greedy.length === row.length ? "any" : greedy.join("");
      number.textContent = Math.abs(top) >= 10 ? top.toFixed(1) : top.toFixed(2);
      set(node, {"aria-label": `Square ${state}`, "aria-pressed": state === chosen});
    });
    const {episode, epsilon} = history[place], value = explorables.greedyReturn(world, q);
    const earned = world.success ? `reaches the goal in ${Math.round(100 * value)} % of episodes`
      : `earns ${value.toFixed(1)} an episode`;
    when.textContent = `${learner ? "" : "Your agent's run. "}After ${episode.toLocaleString("en")} ` +
      `episode${episode === 1 ? "" : "s"} (ε = ${epsilon.toFixed(2)}) the greedy policy ${earned}.`;
    what.textContent = event ? told(event)
      : `Square ${chosen}: ${q[chosen].map((v, a) => `${world.names[a]} ${v.toFixed(3)}`).join(", ")}.`;
  }

  function told({state, action, reward, next, done, terminated, before, after}) {
    const end = terminated ? ", the end" : done ? ", out of time" : "";
    return `From ${state} ${world.names[action]}, to ${next}${end}; reward ${brief(reward)}. ` +
      `Q(${state}, ${world.names[action]}): ${before.toFixed(3)} → ${after.toFixed(3)}.`;
  }

  enter(0);
});
