"""Layer Lab: `streamlit run app.py`. The page registry, the theme's last touches and the sidebar."""

import streamlit as st

from core.classroom import tidy
from core.models import config
from pages.parts.app import sidebar, style
from pages.parts.classroom import strip
from pages.parts.common import first_sight, guard, learner, machine, state

menu = "collapsed" if st.session_state.get("host") else "auto"  # a class's board has the projector for itself
st.set_page_config(page_title="Layer Lab", page_icon=":material/layers:", layout="wide", initial_sidebar_state=menu)
guard.mark()
style.apply()
first_sight.lay_out()
listed = state.expected_researcher()
page = st.navigation(guard.pages(listed))
st.logo(style.LOGO, size="large")
machine.start()
tidy.start()
config.waiting = lambda: st.spinner("Reading the model's configuration: a few seconds, once for each model")
state.sync(page.url_path)
if state.researcher() != listed:
    page = st.navigation(guard.pages(state.researcher()))
if not state.fits_level(page.url_path):
    st.switch_page("pages/lab.py")
first = first_sight.begin(page.url_path in state.LAB)
if not first:
    sidebar.draw(page.url_path in strip.OWN)
strip.draw(page.url_path)
page.run()
if first:
    sidebar.draw(page.url_path in strip.OWN)
learner.keep()
