"""Wall mode: screens that show how the company stands, paired by a code, without anybody signing in."""
