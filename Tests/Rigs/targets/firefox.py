"""A text area in Firefox. Usage: firefox.py FILE TITLE"""

import os
import sys

import page

# No window but the one with the page, and no page but the one that is asked for.
OFF = [
    "app.update.enabled", "browser.aboutwelcome.enabled", "browser.preonboarding.enabled",
    "browser.shell.checkDefaultBrowser", "browser.tabs.warnOnClose", "datareporting.policy.dataSubmissionEnabled",
    "toolkit.telemetry.reportingpolicy.firstRun",
]

profile = sys.argv[1] + ".profile"
os.mkdir(profile)
with open(profile + "/user.js", "w") as settings:
    settings.writelines(f'user_pref("{name}", false);\n' for name in OFF)
    settings.write('user_pref("termsofuse.bypassNotification", true);\n')
    settings.write('user_pref("browser.startup.homepage_override.mstone", "ignore");\n')
page.show(["firefox-esr", "--profile", profile, "--no-remote", ""])
