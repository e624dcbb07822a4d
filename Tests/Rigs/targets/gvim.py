"""A buffer in gvim, in insert mode. Usage: gvim.py FILE TITLE"""

import os
import sys

from target import Report

report = Report(sys.argv[1])  # which stays open, so that the reader below never comes to an end
os.environ["TARGET_FILE"], os.environ["TARGET_TITLE"] = sys.argv[1:]
os.set_inheritable(report.requests, True)
here = os.path.dirname(os.path.abspath(__file__))
os.execvp("gvim", ["gvim", "-f", "-u", here + "/gvim.vim", "-U", "NONE"])
