"""Every reader of what somebody else wrote, with thousands of damaged inputs, in a process of its own with a watch on time and memory.

inputs    what is done to a text: lines, signs, values, and pieces that have broken parsers before
examples  whole texts, to be damaged
readers   each reader with whole examples to damage; it may refuse with its own error, and with no other
watch     runs one reader: `python -m tests.fuzz.watch NAME INPUTS SEED`
"""
