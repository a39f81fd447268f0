# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the HTML report does in the browser: lists and filters zones, and draws the cut of those that are opened.

What comes from the data only ever becomes text and attributes, never markup.
"""

from __future__ import annotations

__all__ = ("SCRIPT",)

SCRIPT = r"""
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const BATCH = 200, PRINTED = 50, NARROW = 640, PADDING = 24;
const MARKS = {critical: "\u2716", error: "!", warning: "\u25b2", notice: "i"};
const STATES = {cut: "delegates the zone", shared: "hosts the zone as well", no_cut: "has no delegation",
  nxdomain: "says that the name does not exist", alias: "has an alias instead", unusable: "gave no usable answer"};
const VERDICTS = {working: "serves the zone", not_authoritative: "is not authoritative", soa_missing: "has no SOA",
  lame_rcode: "answers with an error", owner_mismatch: "hosts another zone", no_response: "does not answer",
  untested: "not tested: no route from here"};

// The data holds lists without names, which keeps it small; these are the only places that know their order.
const findingOf = ([check, severity, message, server, address, transport, expected, got]) => {
  const [code, family, reference] = data.checks[check];
  return {code, family, reference, severity: data.severities[severity], rank: severity, message, server, address,
    transport, expected, got};
};
const zones = data.zones.map(([name, passed, serial, parent, findings, picture, gaps, waitingFor]) =>
  ({name, passed: passed === 1, serial, parent, findings: findings.map(findingOf), picture,
    gaps: gaps.map((gap) => data.gaps[gap]), waitingFor}));
const pictureOf = ([described, parents, servers, children, ds, keys]) => ({described, ds, keys,
  parents: parents.map(([server, address, state, time, lists]) => ({server, address, state, time, lists})),
  servers: servers.map(([name, inDomain, delegated, glue, resolved, own, alias]) =>
    ({name, inDomain, delegated, glue, resolved, own, alias})),
  children: children.map(([server, address, verdict, serial, time, lists]) =>
    ({server, address, verdict, serial, time, lists})),
});

const worst = (findings) => findings.reduce((rank, each) => Math.min(rank, each.rank), data.severities.length);
const classOf = (findings) => data.severities[worst(findings)] || "good";
const timeText = (time) => time < 1 ? "under 1 ms" : Math.round(time) + " ms";
const at = ({address, time}) => time === null ? address : address + ", " + timeText(time);
const countText = (count, noun) => count.toLocaleString("en") + " " + noun + (count === 1 ? "" : "s");

const fill = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};
const html = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

// What there is to draw: three columns of nodes, and edges between them, each with the findings that are about it.
function graphOf(zone) {
  const {described, parents, servers, children, ds, keys} = pictureOf(zone.picture);
  const about = (test) => zone.findings.filter(test);
  const wide = (test) => about((f) => !f.server && !f.address && test(f));
  const columns = [[], [], []], edges = [];
  const add = (column, node) => { columns[column].push(node); return node; };
  const listed = new Set(children.flatMap((child) => child.verdict === "working" ? child.lists : []));

  add(0, {head: described ? "Described, not delegated yet" : "Parent " + (zone.parent || "unknown"), findings: []});
  add(1, {head: "NS set", findings: wide((f) => f.family === "delegation")});
  add(2, {head: "Name servers asked",
    findings: wide((f) => f.family !== "delegation" && f.family !== "dnssec")});

  const names = servers.map((server) => {
    const where = server.glue.length ? (described ? "address " : "glue ") + server.glue.join(", ")
      : server.resolved.length ? "resolves to " + server.resolved.join(", ")
      : server.own && server.own.length ? "in the zone " + server.own.join(", ") : "no address";
    const lines = [server.name, where];
    if (!server.delegated) lines.push("only in the zone, not at the parent");
    else if (listed.size && !listed.has(servers.indexOf(server))) lines.push("not in the zone's own NS set");
    return add(1, {lines, findings: about((f) => f.server === server.name && !f.address), about: [
      server.inDomain ? "In-domain, so it needs glue." : "Not in-domain, so it is found by its own name.",
      server.alias && "Its name is an alias of " + server.alias + ".",
      server.own && "Addresses in the zone: " + (server.own.join(", ") || "none") + ".",
    ]});
  });
  const missing = servers.some((server) => server.delegated) ? null
    : add(1, {lines: ["no delegation"], findings: wide((f) => f.family === "delegation")});

  const parentEdge = (from, position) => edges.push({from, to: names[position], findings: about((f) =>
    (f.server === servers[position].name && !f.address && !f.code.startsWith("glue_")) ||
    (!f.server && (["delegation_inconsistent", "ns_sets_disjoint"].includes(f.code) ||
      (f.code === "ns_missing_in_child" && !listed.has(position)))))});
  for (const parent of parents) {
    const shared = children.some((child) => child.address === parent.address);
    const node = add(0, {
      lines: [parent.server, at(parent), STATES[parent.state]],
      findings: shared ? [] : about((f) => f.address === parent.address),
      unknown: parent.state === "unusable",
    });
    parent.lists.forEach((position) => parentEdge(node, position));
    if (missing && parent.state !== "unusable") edges.push({from: node, to: missing, findings: missing.findings});
  }
  if (described) {
    const node = add(0, {lines: [zone.name, "the described name servers"], findings: []});
    servers.forEach((server, position) => { if (server.delegated) parentEdge(node, position); });
  } else if (!parents.length) {
    add(0, {lines: ["not found or not reached"], unknown: true,
      findings: about((f) => f.code === "parent_undetermined")});
  }
  for (const child of children) {
    const name = servers[child.server].name;
    const findings = about((f) => f.server === name && f.address === child.address);
    const node = add(2, {
      lines: [at(child), child.serial !== null && "serial " + child.serial, VERDICTS[child.verdict]],
      findings, unknown: child.verdict === "untested", about: [child.lists.length > 0 &&
        "Serves the NS set " + child.lists.map((position) => servers[position].name).join(", ") + "."],
    });
    const glue = about((f) => f.server === name && !f.address && f.code.startsWith("glue_"));
    edges.push({from: names[child.server], to: node, findings: findings.concat(glue), unknown: node.unknown});
  }
  if (ds.length || keys.length) {
    const findings = about((f) => f.family === "dnssec");
    const unknown = keys.length === 0, title = described ? "Described DS" : "DS at the parent";
    const from = add(0, {lines: [title, ...(ds.length ? ds : ["none"])], findings});
    const to = add(2, {lines: ["Keys (DNSKEY)", ...(unknown ? ["not known"] : keys)], findings, unknown});
    edges.push({from, to, findings, unknown});
  }
  return {columns, edges};
}

const LINE = 17, PAD = 8, GAP = 12;
function place(columns, width) {
  const narrow = width < NARROW, total = narrow ? Math.max(width, 240) : 1040;
  const [left, across, step] = narrow ? [44, total - 46, 0] : [1, 270, 384];
  let bottom = 0, y = 0;
  columns.forEach((nodes, column) => {
    if (!narrow) y = 0;
    for (const node of nodes) {
      Object.assign(node, {x: left + column * step, y, width: across,
        height: node.head ? LINE + PAD : node.lines.filter(Boolean).length * LINE + PAD});
      y += node.height + GAP;
    }
    bottom = Math.max(bottom, y);
  });
  return {narrow, total, height: bottom};
}

const cut = (text, room) => text.length <= room ? text : text.slice(0, room - 1) + "\u2026";
const nameOf = (node) => node.head || node.lines.filter(Boolean).join(", ");
const tell = (title, item) => [title, ...(item.about || []).filter(Boolean),
  ...item.findings.map((f) => f.severity + " " + f.code + ": " + f.message),
  ...(item.findings.length ? [] : ["Nothing is wrong here."])].join("\n");

function part(kind, item, title, show, ...children) {
  const text = tell(title, item);
  const state = item.findings.length ? classOf(item.findings) : item.unknown ? "unknown" : "good";
  const focusable = kind === "node" || item.findings.length > 0;
  const access = focusable ? {tabindex: "0", role: "button", "aria-label": text} : {"aria-hidden": "true"};
  const group = svg("g", {class: kind + " " + state, ...access}, svg("title", {}, text), ...children);
  const choose = () => show(group, text);
  group.addEventListener("click", choose);
  // Chromium takes SVG elements that listen for the focus for ones that can have it.
  if (focusable) group.addEventListener("focus", choose);
  group.addEventListener("mouseenter", choose);
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  });
  return group;
}

const drawMark = (x, y, item) => svg("text", {x, y, class: "mark"}, MARKS[classOf(item.findings)]);

function drawNode(node, show) {
  if (node.head) {
    const head = svg("text", {x: node.x, y: node.y + LINE, class: "head"}, cut(node.head, node.width / 7.5));
    if (!node.findings.length) return head;
    const mark = drawMark(node.x + node.width - 12, node.y + LINE, node);
    const box = svg("rect", {x: node.x, y: node.y, width: node.width, height: node.height, rx: 6});
    head.setAttribute("x", node.x + PAD);
    return part("node", node, node.head, show, box, head, mark);
  }
  const lines = node.lines.filter(Boolean).map((line, index) => svg("text",
    {x: node.x + PAD, y: node.y + PAD / 2 + LINE * (index + 0.75), class: index ? "detail" : "first"},
    cut(line, Math.floor((node.width - 2 * PAD) / 7.3))));
  const box = svg("rect", {x: node.x, y: node.y, width: node.width, height: node.height, rx: 6});
  const mark = node.findings.length === 0 ? []
    : [drawMark(node.x + node.width - 10, node.y + 15, node)];
  return part("node", node, nameOf(node), show, box, ...lines, ...mark);
}

function drawEdge(edge, narrow, show) {
  const {from, to} = edge, [y1, y2] = [from.y + from.height / 2, to.y + to.height / 2];
  const [x1, x2] = [narrow ? from.x : from.x + from.width, to.x - 8];
  const bend = narrow ? Math.min(38, 14 + Math.abs(y2 - y1) / 16) : 60;
  const points = [[narrow ? x1 - bend : x1 + bend, y1], [x2 - bend, y2], [x2, y2]];
  const line = "M" + x1 + " " + y1 + " C" + points.flat().join(" ");
  const children = [svg("path", {d: line, class: "reach"}), svg("path", {d: line}),
    svg("path", {d: "M" + (x2 - 1) + " " + (y2 - 5) + " l9 5 l-9 5 z", class: "tip"})];
  if (edge.findings.length && !narrow) children.push(drawMark(x2 - 14, y2 - 6, edge));
  return part("edge", edge, "From " + nameOf(from) + " to " + nameOf(to), show, ...children);
}

function drawPicture(zone, box, width) {
  const {columns, edges} = graphOf(zone);
  const {narrow, total, height} = place(columns, width);
  const hint = "Point at a box or an arrow, or move to it with the tab key, to read about it here.";
  const about = html("p", {class: "about", "aria-live": "polite"}, hint);
  let chosen = null;
  const show = (group, text) => {
    if (chosen) chosen.classList.remove("chosen");
    chosen = group;
    chosen.classList.add("chosen");
    about.textContent = text;
  };
  const bad = edges.filter((edge) => edge.findings.length).length;
  const label = "The zone cut of " + zone.name + ": " + countText(edges.length, "arrow") + ", "
    + bad + " of them with findings";
  const drawing = svg("svg", {viewBox: "0 -2 " + total + " " + height, role: "group", "aria-label": label});
  // What is wrong is drawn last, above the rest.
  edges.sort((a, b) => worst(b.findings) - worst(a.findings));
  for (const edge of edges) drawing.append(drawEdge(edge, narrow, show));
  for (const node of columns.flat()) drawing.append(drawNode(node, show));
  box.replaceChildren(html("h3", {}, "The zone cut"), drawing, about);
  box.dataset.narrow = narrow;
}

function findingItem(finding) {
  const {severity, code, message, expected, got, transport, reference} = finding;
  const badge = html("span", {class: "badge " + severity}, severity);
  const item = html("li", {class: severity}, badge, " ", html("code", {}, code), html("p", {}, message));
  const details = [["expected", expected], ["got", got], ["over", transport], ["see", reference]];
  const text = details.filter(([, value]) => value).map(([name, value]) => name + " " + value).join("; ");
  if (text) item.append(html("p", {class: "quiet"}, text));
  return item;
}

function told(title, texts) {
  return texts.length === 0 ? []
    : [html("h3", {}, title), html("ul", {}, ...texts.map((text) => html("li", {}, text)))];
}

function open(zone, item) {
  const inside = item.querySelector(".inside");
  if (!inside.hasChildNodes()) {
    const items = zone.findings.map(findingItem);
    inside.append(items.length ? html("ul", {class: "findings", "aria-label": "Findings"}, ...items)
      : html("p", {}, "Nothing was found."),
      ...told("What may take its time", zone.waitingFor), ...told("Not checked", zone.gaps));
    if (zone.picture) inside.append(html("div", {class: "picture"}));
  }
  const box = inside.querySelector(".picture");
  // What is inside may not have its width yet, but the item has.
  const width = item.clientWidth - PADDING;
  if (box && box.dataset.narrow !== String(width < NARROW)) drawPicture(zone, box, width);
}

const shownItems = new Map();
function zoneItem(zone) {
  const found = zone.findings.length, state = classOf(zone.findings);
  const facts = [zone.serial === null ? "no serial" : "serial " + zone.serial, found && countText(found, "finding"),
    zone.gaps.length > 0 && "not everything checked"];
  const summary = html("summary", {}, html("span", {class: "badge " + state}, found ? state : "passed"),
    html("span", {class: "name"}, zone.name), ...(found && zone.passed ? [html("span", {}, "passed")] : []),
    html("span", {class: "quiet"}, facts.filter(Boolean).join(", ")));
  const item = html("details", {class: "zone"}, summary, html("div", {class: "inside"}));
  shownItems.set(item, zone);
  item.addEventListener("toggle", () => { if (item.open) open(zone, item); });
  return item;
}

const byId = (id) => document.getElementById(id);
const list = byId("zones"), more = byId("more"), filters = byId("filters");
let shown = [], count = 0;

const wordsOf = ({name, parent, serial, findings, picture, gaps, waitingFor}) =>
  JSON.stringify([name, parent, serial, findings, picture, gaps, waitingFor]).toLowerCase();
const chosenBy = (words, state, severity, check) => (zone) =>
  (!state || zone.passed === (state === "passed")) &&
  (!(severity || check) ||
    zone.findings.some((f) => (!severity || f.severity === severity) && (!check || f.code === check))) &&
  words.every((word) => (zone.words ??= wordsOf(zone)).includes(word));

function showMore() {
  const start = count;
  count = Math.min(shown.length, count + BATCH);
  const items = shown.slice(start, count).map(zoneItem);
  list.append(...items);
  more.hidden = count === shown.length;
  const part = count < shown.length ? ", the first " + count.toLocaleString("en") + " are listed" : "";
  byId("shown").textContent = shown.length.toLocaleString("en") + " of " + countText(zones.length, "zone") + part;
  return items;
}

function update() {
  // As JSON has it, for a quote or backslash in what is searched.
  const typed = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const words = typed.map((word) => JSON.stringify(word).slice(1, -1));
  shown = zones.filter(chosenBy(words, byId("state").value, byId("severity").value, byId("check").value));
  count = 0;
  shownItems.clear();
  list.replaceChildren();
  const items = showMore();
  if (shown.length === 1) items[0].open = true;
}

byId("severity").append(...data.severities.map((severity) => html("option", {}, severity)));
byId("check").append(...data.checks.map(([code]) => html("option", {}, code)));
filters.addEventListener("input", update);
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("reset", () => setTimeout(update));
more.addEventListener("click", () => { const [first] = showMore(); first.querySelector("summary").focus(); });
for (const button of document.querySelectorAll("button.filter")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    filters.reset();
    byId("check").value = button.dataset.code;
    setTimeout(() => { byId("check").value = button.dataset.code; update(); list.focus(); });
  });
}
addEventListener("resize", () => {
  for (const [item, zone] of shownItems) if (item.open) open(zone, item);
});
// Paper shows the zones that fail as if they had been opened, unless they are very many.
addEventListener("beforeprint", () => {
  const closed = [...shownItems].filter(([item, zone]) => !zone.passed && !item.open);
  for (const [item, zone] of closed.slice(0, PRINTED)) {
    item.open = true;
    item.dataset.printed = "";
    open(zone, item);
  }
});
addEventListener("afterprint", () => {
  for (const item of document.querySelectorAll("[data-printed]")) { item.open = false; delete item.dataset.printed; }
});

filters.hidden = false;
update();
document.documentElement.dataset.ready = "true";
})();
"""
