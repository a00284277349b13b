// Who gets replayed: a buffer's TD errors, and three ways to draw by them.
"use strict";

explorables.priorities = (() => {
  const shares = (values) => {
    const total = values.reduce((sum, value) => sum + value, 0);
    return values.map((value) => value / total);
  };

  /** P(i) of dqn.prioritized.ProportionalSampler. */
  const proportional = (errors, alpha, epsilon = 1e-6) =>
    shares(errors.map((error) => (Math.abs(error) + epsilon) ** alpha));

  /** P(i) of dqn.prioritized.RankBasedSampler, for errors that are sorted, the largest first. */
  const rankBased = (errors, alpha) => shares(errors.map((_, i) => (i + 1) ** -alpha));

  /** P(i) of dqn.softmax_replay.SoftmaxReplay, over squared errors. */
  const softmax = (errors, temperature) => {
    const losses = errors.map((error) => error * error);
    const largest = losses.reduce((most, loss) => Math.max(most, loss), 0);
    return shares(losses.map((loss) => Math.exp((loss - largest) / temperature)));
  };

  /** (N P(i))^-beta over the largest such weight of the buffer. */
  const weights = (probabilities, beta) => {
    const least = probabilities.reduce((low, p) => p > 0 ? Math.min(low, p) : low, Infinity);
    return probabilities.map((p) => (least / p) ** beta);
  };

  /** dqn.prioritized.effective_sample_size. */
  const effectiveSampleSize = (probabilities) => {
    const sum = probabilities.reduce((total, p) => total + p, 0);
    return sum * sum / probabilities.reduce((total, p) => total + p * p, 0);
  };

  return {effectiveSampleSize, proportional, rankBased, softmax, weights};
})();

explorables.define("priorities", (live, {errors, alpha, beta, temperature}) => {
  const {brief, choice, element, slider, svg} = explorables;
  const {effectiveSampleSize, proportional, rankBased, softmax, weights} = explorables.priorities;
  const count = errors.length;
  const WIDTH = 360, HEIGHT = 210, LEFT = 46, RIGHT = 8, TOP = 26, BOTTOM = 34;
  let way = "proportional";

  // -- the drawing: all transitions from the largest error to the smallest, both axes logarithmic
  const LOW = -3, HIGH = 3; // powers of ten of N P(i) and of the weights
  const x = (rank) => LEFT + (WIDTH - LEFT - RIGHT) * Math.log(rank) / Math.log(count);
  const y = (value) => {
    const power = Math.min(HIGH, Math.max(LOW, Math.log10(value)));
    return TOP + (HEIGHT - TOP - BOTTOM) * (HIGH - power) / (HIGH - LOW);
  };
  const drawing = svg("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img"});
  for (let power = LOW; power <= HIGH; power++) {
    const value = 10 ** power;
    drawing.append(
      svg("line", {x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value),
        class: power ? "pr-grid" : "pr-one"}),
      svg("text", {x: LEFT - 5, y: y(value) + 4, "text-anchor": "end", "font-size": 11},
        value >= 1 ? value.toLocaleString("en") : String(value)));
  }
  for (let rank = 1; rank <= count; rank *= 10) {
    drawing.append(svg("text", {x: x(rank), y: HEIGHT - 18, "text-anchor": "middle", "font-size": 11},
      rank.toLocaleString("en")));
  }
  drawing.append(
    svg("text", {x: (LEFT + WIDTH) / 2, y: HEIGHT - 4, "text-anchor": "middle", "font-size": 11},
      "transitions by TD error, the largest first"),
    svg("line", {x1: LEFT, x2: LEFT + 24, y1: 10, y2: 10, class: "pr-chance"}),
    svg("text", {x: LEFT + 29, y: 14, "font-size": 11}, "chance, in units of 1/N"),
    svg("line", {x1: 220, x2: 244, y1: 10, y2: 10, class: "pr-weight"}),
    svg("text", {x: 249, y: 14, "font-size": 11}, "importance weight"));
  const chance = drawing.appendChild(svg("polyline", {class: "pr-chance"}));
  const weight = drawing.appendChild(svg("polyline", {class: "pr-weight"}));

  // -- the controls
  const ways = choice("Draw by:", [["proportional", "|error| to the power α"],
    ["rank", "rank to the power −α"], ["softmax", "softmax of error² / T"]], (value) => { way = value; draw(); });
  const sliders = {
    alpha: slider("α =", {min: 0, max: 1.5, step: 0.05, value: alpha, show: (v) => v.toFixed(2), oninput: draw}),
    temperature: slider("T =", {min: -2, max: 4, step: 0.1, value: Math.log10(temperature),
      scale: (power) => 10 ** power, show: brief, oninput: draw}),
    beta: slider("β =", {min: 0, max: 1, step: 0.05, value: beta, show: (v) => v.toFixed(2), oninput: draw}),
  };
  const words = element("p", {class: "pr-words", role: "status"});
  live.append(drawing, element("div", {class: "ex-controls"}, ways.node),
    element("div", {class: "ex-controls"}, ...Object.values(sliders).map(({node}) => node)), words);

  function draw() {
    const p = way === "softmax" ? softmax(errors, sliders.temperature.value)
      : (way === "rank" ? rankBased : proportional)(errors, sliders.alpha.value);
    const w = weights(p, sliders.beta.value);
    sliders.alpha.node.hidden = way === "softmax";
    sliders.temperature.node.hidden = way !== "softmax";
    const ranks = [...new Set(Array.from({length: 300}, (_, i) => Math.round(count ** (i / 299))))];
    const line = (values) => ranks.map((r) => `${x(r).toFixed(1)},${y(values[r - 1]).toFixed(1)}`).join(" ");
    chance.setAttribute("points", line(p.map((value) => value * count)));
    weight.setAttribute("points", line(w));
    const size = effectiveSampleSize(p);
    let half = 0;
    for (let sum = 0; sum < 0.5; half++) sum += p[half];
    const least = w.reduce((low, value) => Math.min(low, value), 1);
    words.textContent = `Effective sample size ${brief(size)} of ${brief(count)} ` +
      `(${(100 * size / count).toFixed(1)} %). Half of all draws fall on the ${brief(half)} ` +
      `transition${half === 1 ? "" : "s"} with the largest errors. The first is drawn ` +
      `${brief(p[0] * count)} times as often as by chance. Weights go from ${brief(least)} to 1.`;
    drawing.setAttribute("aria-label", `Chances and weights of ${brief(count)} transitions. ${words.textContent}`);
  }
  draw();
});
