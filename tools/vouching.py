"""Draws how the record is vouched for: from events to a verdict that needs no trust."""

from tools.svg import LIVE, NOTE, OPEN, PLAIN, Box, Drawing


def vouching() -> str:
    """Draw the way from an event to an auditor's verdict."""
    drawing = Drawing(
        width=1000,
        height=470,
        title="How the record is vouched for",
        description="Each event becomes a leaf of one tree. Every two hashes make one above them, up "
        "to the root. The service signs root and size as a checkpoint. Witnesses of the parties "
        "check that the tree only grew, and cosign. An auditor takes the export to a machine of "
        "his own, computes the root again and compares it with the checkpoint and with one that "
        "he kept from before.",
    )
    drawing.text((20, 28), "One tree over all events; whoever holds its root can tell any change",
                 size=17, bold=True, anchor="start")  # fmt: skip
    leaves = [Box(x=20 + i * 100, y=350, w=88, h=52) for i in range(4)]
    for number, leaf in enumerate(leaves):
        drawing.box(leaf, [f"event {number}", "leaf hash"], look=PLAIN, size=12)
    pairs = [Box(x=70, y=250, w=88, h=44), Box(x=270, y=250, w=88, h=44)]
    root = Box(x=160, y=140, w=110, h=52)
    for index, pair in enumerate(pairs):
        drawing.box(pair, ["hash"], look=LIVE, size=12)
        for leaf in leaves[2 * index : 2 * index + 2]:
            drawing.line(leaf.at(0.5, 0), pair.at(0.5, 1))
        drawing.line(pair.at(0.5, 0), root.at(0.5, 1))
    drawing.box(root, ["root", "of 4 events"], look=LIVE)
    checkpoint = Box(x=470, y=130, w=190, h=72)
    drawing.box(checkpoint, ["checkpoint", "name, size, root", "signed by the service"], look=OPEN)
    drawing.arrow([root.at(1, 0.5), checkpoint.at(0, 0.5)])
    witnesses = Box(x=770, y=70, w=210, h=72)
    drawing.box(witnesses, ["witnesses", "UN, ICRC, ministry, …", "did it only grow? cosign"])
    drawing.arrow([checkpoint.at(1, 0.25), witnesses.at(0, 0.5)])
    drawing.arrow([witnesses.at(0, 0.8), checkpoint.at(1, 0.5)], dashed=True)
    export = Box(x=470, y=290, w=190, h=72)
    drawing.box(export, ["export", "checkpoint, cosignatures,", "entries that you may see"])
    drawing.arrow([checkpoint.at(0.5, 1), export.at(0.5, 0)])
    auditor = Box(x=770, y=290, w=210, h=92)
    drawing.box(
        auditor,
        ["auditor, on own machine", "computes the root again;", "compares with a checkpoint",
         "kept from before"],
        look=OPEN,
    )  # fmt: skip
    drawing.arrow([export.at(1, 0.5), auditor.at(0, 0.5)])
    note = Box(x=20, y=420, w=960, h=38)
    drawing.box(note, ["Change, remove, insert or reorder one event, and the root is another."],
                look=NOTE)  # fmt: skip
    return drawing.render()
