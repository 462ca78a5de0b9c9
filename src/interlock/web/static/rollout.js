// SPDX-License-Identifier: Apache-2.0
// Draws a rollout, and keeps the drawing up with it. Every number drawn stands on the page in words too.
/* global uPlot */

const EVERY = 1000;
// Where a bound lies that is not known: beyond what is drawn.
const FAR = 1000;
// Where a scale of ratios has its lines.
const RATIOS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];
const place = document.getElementById("rollout");
const charts = new Map();

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function wash(name, part) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = colour(name);
  const hex = probe.fillStyle;
  return `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(" ")} / ${part})`;
}

function axes() {
  const ink = { stroke: colour("--quiet"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { stroke: colour("--rule") } };
  const clock = (_, splits) => splits.map((at) => new Date(at * 1000).toLocaleTimeString("en-GB"));
  return [{ ...ink, space: 90, values: clock }, { ...ink, size: 52 }];
}

function line(label, name, more = {}) {
  return { label, stroke: colour(name), width: 2, points: { show: false }, spanGaps: true, value: (_, v) => (v == null ? "–" : v.toFixed(2)), ...more };
}

const STEPPED = () => uPlot.paths.stepped({ align: 1 });

function parts(figures) {
  const flat = (value) => figures.at.map(() => value);
  const [band] = figures.bands;
  return {
    errors: { data: [figures.at, figures.errors_stable, figures.errors_candidate], series: [line("stable", "--stable"), line("candidate", "--candidate", { dash: [6, 3] })] },
    latency: { data: [figures.at, figures.latency_stable, figures.latency_candidate], series: [line("stable", "--stable"), line("candidate", "--candidate", { dash: [6, 3] })] },
    band: {
      data: [figures.at, ...(band ? [band.high.map((at) => at ?? FAR), band.low.map((at) => at ?? 1 / FAR), band.likeliest] : [[], [], []]), flat(1)],
      series: [line("at most", "--candidate", { width: 1 }), line("at least", "--candidate", { width: 1 }), line("likeliest", "--candidate"), line("like stable", "--stable", { dash: [2, 4], width: 1.5 })],
      bands: [{ series: [1, 2], fill: wash("--candidate", 0.16) }],
      scales: { y: { distr: 3, range: (_, low, high) => [Math.max(Math.min(low, 0.5), 0.02), Math.min(Math.max(high, 2), 50)] } },
    },
    evidence: {
      data: [figures.at, figures.evidence, flat(figures.hold_at), flat(figures.threshold), figures.share],
      series: [line("evidence (log)", "--candidate"), line("holds", "--caution", { dash: [3, 3], width: 1.5 }), line("goes back", "--stop", { dash: [8, 3] }), line("traffic, %", "--stable", { scale: "share", paths: STEPPED() })],
      scales: { share: { range: [0, 100] } },
    },
  };
}

function draw(figures) {
  if (!figures.at.length || typeof uPlot === "undefined") return;
  const wanted = parts(figures);
  for (const figure of place.querySelectorAll("[data-chart]")) {
    const part = wanted[figure.dataset.chart];
    const known = charts.get(figure);
    if (known) { known.setData(part.data); continue; }
    const width = figure.clientWidth || 320;
    const options = {
      width, height: 210, axes: axes(), bands: part.bands,
      series: [{ label: "at", value: (_, at) => (at == null ? "–" : new Date(at * 1000).toLocaleTimeString("en-GB")) }, ...part.series],
      scales: part.scales, cursor: { drag: { x: false, y: false } }, legend: { live: true },
    };
    if (figure.dataset.chart === "band") {
      const splits = (_, __, low, high) => RATIOS.filter((at) => at >= low && at <= high);
      Object.assign(options.axes[1], { splits, filter: (_, at) => at, values: (_, at) => at.map((one) => `${one}×`) });
    }
    if (figure.dataset.chart === "evidence") options.axes.push({ ...axes()[1], scale: "share", side: 1, grid: { show: false } });
    charts.set(figure, new uPlot(options, part.data, figure));
  }
}

function redraw() {
  for (const [figure, chart] of charts) { chart.destroy(); charts.delete(figure); }
  look();
}

function say(now) {
  const pace = document.getElementById("pace");
  if (pace) pace.textContent = now.pace;
  now.bars.forEach((bar, at) => {
    const gauge = place.querySelector(`[data-bar="${at}"]`);
    gauge.querySelector(".words").textContent = bar.words;
    gauge.querySelector(".filled").setAttribute("width", (bar.part * 100).toFixed(1));
    gauge.querySelector("svg").setAttribute("aria-label", `${bar.name}: ${bar.words}, ${bar.bound}`);
  });
  if (now.token !== place.dataset.token) {
    place.dataset.token = now.token;
    document.dispatchEvent(new Event("interlock:look"));
  }
}

async function look() {
  const answer = await fetch(place.dataset.promotion, { credentials: "same-origin" });
  if (!answer.ok) return;
  const now = await answer.json();
  draw(now.figures);
  say(now);
}

let due = 0;
document.addEventListener("interlock:grown", () => {
  if (due) return;
  due = setTimeout(() => { due = 0; look().catch(() => {}); }, EVERY / 2);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
addEventListener("resize", () => { for (const [figure, chart] of charts) chart.setSize({ width: figure.clientWidth, height: 210 }); });
look().catch(() => {});
