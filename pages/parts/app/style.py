"""The few rules that the theme cannot say."""

import streamlit as st

# A dialog lies outside the part of the page whose colour scheme is set, so what may stand in one is mixed from its text's colour.
# The page stays out of sight until the menu beside it is there, which would push it to the right.
# Controls keep their height while the browser still loads what draws them, so that nothing below them moves.
# What explains a text is a button with a name, of which the icon is seen (pages/parts/common/terms.py).
# The white text that Streamlit puts on every primary button is unreadable on the dark theme's light accent.
CSS = """<style>
[data-testid="stMainBlockContainer"] { padding-left: 2rem; padding-right: 2rem; max-width: 1500px; }
[data-testid^="stBaseButton-primary"]:not(:disabled) { color: light-dark(#ffffff, #08121f); font-weight: 650; }
[data-testid^="stBaseButton-primary"]:not(:disabled) p { color: inherit; font-weight: 650; }
[data-testid="stAppViewContainer"]:not(:has([data-testid="stSidebar"])) > div { visibility: hidden; }
@keyframes ll-settled { from { visibility: hidden; } }
div:has(> [data-testid="stMain"]) { animation: ll-settled 0.15s step-end; }
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
[data-testid="stElementContainer"][data-stale="true"] { opacity: 1; }
svg.marks text { user-select: none; }
@media (min-width: 900px) and (min-height: 680px) {
  [data-testid="stColumn"]:has(.st-key-pick) { position: sticky; top: 0.5rem; align-self: flex-start; }
}
.st-key-above, .st-key-presets, [class*="st-key-size_"], .st-key-w_predict_accuracy, .st-key-w_predict_reason, .st-key-settings, .st-key-go,
.st-key-w_teacher, .st-key-w_task { min-height: 68px; }
[class*="st-key-pills_"], .st-key-w_budget, .st-key-w_level { min-height: 60px; }
@media (max-width: 640px) { .st-key-above { min-height: 216px; } }
[class*="st-key-terms_"] { flex-wrap: nowrap; position: relative; z-index: 1; }
[class*="st-key-terms_"] > [data-testid="stElementContainer"] { flex: 0 1 auto; min-width: 0; }
[class*="st-key-terms_"] button { min-height: 1.75rem; min-width: 1.75rem; padding: 0; }
[class*="st-key-terms_"] button [data-testid="stMarkdownContainer"] { position: absolute; width: 1px; height: 1px; overflow: hidden; }
[class*="st-key-terms_"] button > div > div[aria-hidden] { display: none; }
.st-key-figures [data-testid="stElementContainer"] { flex: 1 1 6.5rem; min-width: 6.5rem; }
.st-key-menu { row-gap: 0.75rem; }
.st-key-menu [data-testid="stElementContainer"] { height: 22px; }
.st-key-head h1 { padding: 0.5rem 0 1rem; }
.st-key-figures [data-testid="stMetric"] > div { padding: 0.3rem 0.7rem; }
.st-key-figures [data-testid="stMetricValue"] { font-size: 1.5rem; line-height: 1.35; }
.ll-example { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 8px; padding: 0.6rem 0.9rem; }
.ll-example { font-size: 1rem; line-height: 1.45; }
.ll-example p { margin: 0 0 0.25rem 0; }
.ll-said { display: flex; flex-wrap: wrap; gap: 0.4rem 0.6rem; margin-top: 0.4rem; align-items: center; }
.ll-said span { border-radius: 6px; padding: 0.05rem 0.5rem; background: color-mix(in srgb, currentColor 10%, transparent); }
.ll-said span.ll-wrong { background: #f2a33a; color: #1a1205; }
.ll-copying { --u: 1px; position: relative; height: calc(var(--high) * var(--u)); width: calc(var(--wide) * var(--u)); margin: 0 auto; }
@media (min-width: 900px) { .ll-copying { --u: 1.35px; } }
.ll-copying > div { position: absolute; left: calc(var(--x) * var(--u)); top: calc(var(--y) * var(--u)); text-align: center; font-size: 1rem; }
.ll-copying .ll-title, .ll-copying .ll-block { width: calc(var(--block) * var(--u)); line-height: calc(var(--tall) * var(--u)); border-radius: 6px; }
.ll-copying .ll-title { font-weight: 600; }
.ll-copying .ll-quiet { background: light-dark(#e6eaf0, #2a323d); }
.ll-copying .ll-chosen { background: light-dark(#f2a33a, #f0a040); color: #1a1205; }
.ll-copying .ll-copy { background: light-dark(#0b5cad, #7ab8ff); color: light-dark(#ffffff, #08121f); }
.ll-copying .ll-wire { width: calc(var(--long) * var(--u)); height: 2px; transform-origin: 0 50%; transform: rotate(var(--turn)); }
.ll-copying .ll-wire { background: light-dark(#5b6b7d, #9fb0c3); }
@media (prefers-reduced-motion: no-preference) {
  .ll-play-0 { animation: ll-copy-0 1.1s ease-in-out calc(0.4s + 0.8s * var(--n)) backwards; }
  .ll-play-1 { animation: ll-copy-1 1.1s ease-in-out calc(0.4s + 0.8s * var(--n)) backwards; }
}
@keyframes ll-copy-0 { from { transform: translate(calc(var(--dx) * var(--u)), calc(var(--dy) * var(--u))); } }
@keyframes ll-copy-1 { from { transform: translate(calc(var(--dx) * var(--u)), calc(var(--dy) * var(--u))); } }
.st-key-board p, .st-key-board li { font-size: 1.5rem; line-height: 1.35; }
.st-key-board [data-testid="stCaptionContainer"] p { font-size: 1.1rem; }
.st-key-board h1 { font-size: 2.1rem; line-height: 1.2; padding: 0 0 0.4rem; }
.st-key-way_in h2 { font-size: 3rem; letter-spacing: 0.12em; padding: 0; }
@media (prefers-reduced-motion: no-preference) {
  .st-key-board [data-testid="stVegaLiteChart"] { animation: ll-sweep 1.2s ease-out; }
}
@keyframes ll-sweep { from { clip-path: inset(0 100% 0 0); } }
@media (min-width: 1700px) {
  .st-key-board p, .st-key-board li { font-size: 2.1rem; }
  .st-key-board h1 { font-size: 3.1rem; }
  .st-key-way_in h2 { font-size: 4rem; }
}
[class*="st-key-guide_map_"] { min-height: 251px; }
.st-key-soft_targets { min-height: 370px; }
.st-key-soft_targets .vega-bindings, .st-key-soft_targets .vega-bind { font-size: 1rem; color: inherit; }
.st-key-soft_targets input[type=range] { width: min(60%, 18rem); height: 1.6rem; vertical-align: middle; accent-color: light-dark(#0b5cad, #7ab8ff); }
</style>"""

# Three teacher layers, two of them chosen. One blue that is readable on both themes: an image does not know the theme. Nor does it know the
# page's fonts, hence a fixed length of the text: in a wide one the last letter would be cut off.
LOGO = '''<svg xmlns="http://www.w3.org/2000/svg" width="176" height="40" viewBox="0 0 176 40">
<g><rect x="2" y="4" width="34" height="9" rx="3" fill="#f0a040"/><rect x="2" y="16" width="34" height="9" rx="3" fill="#93a1b1"/>
<rect x="2" y="28" width="34" height="9" rx="3" fill="#f0a040"/></g>
<text x="46" y="29" font-family="Helvetica, Arial, sans-serif" font-size="26" font-weight="600" fill="#2f7fd6" textLength="120"
lengthAdjust="spacingAndGlyphs">Layer Lab</text>
</svg>'''


def apply() -> None:
    st.html(CSS)
