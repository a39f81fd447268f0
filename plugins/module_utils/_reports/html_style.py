# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The look of the HTML report: light and dark, wide and narrow, on screen and on paper."""

from __future__ import annotations

__all__ = ("STYLE",)

STYLE = """
:root {
  --back: #ffffff; --raised: #f5f6f8; --line: #d4d8de; --text: #1b1f24; --quiet: #59636e; --link: #0550ae;
  --good: #1a7f37; --critical: #a40e4c; --error: #c4321c; --warning: #946200; --notice: #0969da; --on: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171b; --raised: #1e2228; --line: #3a414b; --text: #e6e9ed; --quiet: #a0a9b4; --link: #79b8ff;
    --good: #56c271; --critical: #ff7eb0; --error: #ff8a70; --warning: #e3b341; --notice: #6cb6ff; --on: #14171b;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0; }
h1.bad { color: var(--error); }
h1.good { color: var(--good); }
h2 { font-size: 1.2rem; margin: 1.5rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1rem 0 0.5rem; }
a { color: var(--link); }
code, .mono { font-family: ui-monospace, monospace; font-size: 0.92em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { position: static; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.quiet { color: var(--quiet); }

.counts { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 1rem 0; }
.counts div { flex: 1 1 6rem; padding: 0.5rem 0.75rem; background: var(--raised); border: 1px solid var(--line);
  border-top: 4px solid var(--line); border-radius: 6px; }
.counts dt { color: var(--quiet); }
.counts dd { margin: 0; font-size: 1.4rem; font-weight: 600; }
.counts .failed:not(.none), .counts .error:not(.none) { border-top-color: var(--error); }
.counts .critical:not(.none) { border-top-color: var(--critical); }
.counts .warning:not(.none) { border-top-color: var(--warning); }
.counts .notice:not(.none) { border-top-color: var(--notice); }

.scroll { overflow-x: auto; position: relative; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); }
td:first-child { overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.badge { display: inline-block; min-width: 4.6rem; padding: 0 0.5rem; border-radius: 1rem; text-align: center;
  font-size: 0.85rem; color: var(--on); background: var(--good); margin-right: 0.4rem; }
.badge.critical { background: var(--critical); }
.badge.error { background: var(--error); }
.badge.warning { background: var(--warning); }
.badge.notice { background: var(--notice); }

#filters:not([hidden]) { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; }
#filters label { display: flex; flex-direction: column; color: var(--quiet); max-width: 100%; }
#filters label:first-child { flex: 1 1 16rem; }
input, select, button { font: inherit; color: var(--text); background: var(--back); border: 1px solid var(--quiet);
  border-radius: 6px; padding: 0.35rem 0.6rem; min-height: 2.4rem; max-width: 100%; }
button { cursor: pointer; background: var(--raised); }
button.filter { min-height: 0; padding: 0 0.6rem; }

.zone { border: 1px solid var(--line); border-radius: 6px; margin: 0.4rem 0; }
.zone > summary { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: center; padding: 0.5rem 0.75rem;
  cursor: pointer; }
.zone > summary .name { font-weight: 600; min-width: 0; overflow-wrap: anywhere; }
.zone > summary .quiet { margin-left: auto; }
.zone[open] > summary { background: var(--raised); border-bottom: 1px solid var(--line); }
.zone .inside { padding: 0 0.75rem 0.75rem; }
.findings { list-style: none; padding: 0; margin: 0.75rem 0; }
.findings li { padding: 0.4rem 0 0.4rem 0.75rem; border-left: 4px solid var(--line); margin: 0.4rem 0; }
.findings li.critical { border-color: var(--critical); }
.findings li.error { border-color: var(--error); }
.findings li.warning { border-color: var(--warning); }
.findings li.notice { border-color: var(--notice); }
.findings p { margin: 0.2rem 0; overflow-wrap: anywhere; }

.picture { margin: 0.75rem 0; }
.picture svg { display: block; width: 100%; height: auto; font-family: ui-monospace, monospace; font-size: 12px; }
.picture .about { min-height: 4.5rem; padding: 0.5rem 0.75rem; background: var(--raised); border-radius: 6px;
  white-space: pre-line; overflow-wrap: anywhere; }
svg text { fill: var(--text); }
svg .head { font-weight: 600; font-family: system-ui, sans-serif; font-size: 13px; }
svg .detail { fill: var(--quiet); }
svg .node { cursor: pointer; }
svg .node rect { fill: var(--raised); stroke: var(--good); stroke-width: 1.5; }
svg .edge { cursor: pointer; }
svg .edge path { fill: none; stroke: var(--good); stroke-width: 1.5; }
svg .edge .reach { stroke: transparent; stroke-width: 12; }
svg .edge .tip { fill: var(--good); stroke: none; }
svg .mark { font-weight: 700; font-size: 14px; text-anchor: middle; }
svg .critical rect, svg .critical path:not(.reach) { stroke: var(--critical); stroke-width: 3; }
svg .error rect, svg .error path:not(.reach) { stroke: var(--error); stroke-width: 2.5; stroke-dasharray: 9 4; }
svg .warning rect, svg .warning path:not(.reach) { stroke: var(--warning); stroke-width: 2; stroke-dasharray: 5 4; }
svg .notice rect, svg .notice path:not(.reach) { stroke: var(--notice); stroke-width: 2; stroke-dasharray: 2 3; }
svg .unknown rect, svg .unknown path:not(.reach) { stroke: var(--quiet); stroke-dasharray: 3 4; }
svg .edge path.tip, svg .edge .tip { stroke: none !important; }
svg .critical .tip, svg .critical .mark { fill: var(--critical); }
svg .error .tip, svg .error .mark { fill: var(--error); }
svg .warning .tip, svg .warning .mark { fill: var(--warning); }
svg .notice .tip, svg .notice .mark { fill: var(--notice); }
svg .unknown .tip { fill: var(--quiet); }
svg g:focus { outline: none; }
svg g:focus-visible rect, svg .chosen rect { stroke-width: 4; }
svg g:focus-visible path:not(.reach):not(.tip), svg .chosen path:not(.reach):not(.tip) { stroke-width: 5; }

@media (max-width: 40rem) {
  th, td { padding: 0.3rem; }
  #causes th:nth-child(3), #causes td:nth-child(3) { display: none; }
}
@media print {
  :root {
    --back: #ffffff; --raised: #f5f6f8; --line: #b8bec6; --text: #000000; --quiet: #444c56; --link: #000000;
    --good: #1a7f37; --critical: #a40e4c; --error: #c4321c; --warning: #946200; --notice: #0969da; --on: #ffffff;
  }
  body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  #filters:not([hidden]), #more, .filter, .skip, .picture .about { display: none; }
  .findings li, .picture, .counts div, tr { break-inside: avoid; }
  .zone > summary { break-after: avoid; }
}
"""
