# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the HTML report, and its part about what was not checked; a ``$`` marks what is filled in."""

from __future__ import annotations

__all__ = ("GAPS", "PAGE")

GAPS = """\
<section aria-labelledby="gaps-title">
<h2 id="gaps-title">Not checked</h2>
<p>Nothing of this has passed or failed.</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="gaps-title">
<table id="gaps">
<thead><tr><th scope="col">What, and why</th><th scope="col">Where</th>
<th scope="col" class="number">Zones</th></tr></thead>
<tbody>
$gaps
</tbody>
</table>
</div>
</section>"""

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src $style_hash; script-src $script_hash; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="$program">
<title>$title</title>
<style>$style</style>
</head>
<body>
<a class="skip" href="#zones">Skip to the zones</a>
<header>
<h1 class="$state">$title</h1>
<p>Seen on <time datetime="$time">$time_shown</time> by <code>$program</code>. A zone fails with a finding of severity
$fail_on.</p>
<dl class="counts" aria-label="Counts of zones and findings">
$counts
</dl>
</header>
<main>
<section aria-labelledby="causes-title">
<h2 id="causes-title">Causes</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="causes-title">
<table id="causes">
<thead><tr><th scope="col">What was found</th><th scope="col" class="number">Zones</th>
<th scope="col" class="number">Findings</th>
<th scope="col"><span class="unseen">Filter</span></th></tr></thead>
<tbody>
$causes
</tbody>
</table>
</div>
</section>
$gaps
<section aria-labelledby="zones-title">
<h2 id="zones-title">Zones</h2>
<noscript>
<p>Open this file in a browser that runs scripts to search all zones and to see pictures of them. These fail:</p>
<ul>
$plain_zones
</ul>
</noscript>
<form id="filters" role="search" aria-label="Zones" hidden>
<label>Search <input id="search" type="search" placeholder="zone, server, address or words" autocomplete="off"></label>
<label>Zones <select id="state"><option value="">all</option><option value="failed">that fail</option>
<option value="passed">that pass</option></select></label>
<label>Severity <select id="severity"><option value="">any</option></select></label>
<label>Check <select id="check"><option value="">any</option></select></label>
<button type="reset">Clear</button>
</form>
<p id="shown" role="status"></p>
<div id="zones" tabindex="-1"></div>
<button type="button" id="more" hidden>Show more</button>
</section>
</main>
<script type="application/json" id="data">$data</script>
<script>$script</script>
</body>
</html>
"""
