"""English wordings and the AUs that they name where none is active."""

from __future__ import annotations

import pytest

from xfera_nb.explanation import find_mentions

WORDINGS = """
inner brow raise: 1
the inner part of the brows is lifted: 1
the inner corners of the eyebrows are pulled up: 1
raised outer brows: 2
outer corners of the eyebrows go up: 2
eyebrows raised straight up: 1 2
brows shot up: 1 2
the eyebrows have gone up: 1 2
elevated brows: 1 2
eyebrow raise: 1 2
raising of the eyebrows: 1 2
lifting both brows: 1 2
the brows are lowered: 4
brow furrow: 4
a furrowed brow: 4
the brows are drawn together: 4
eyebrows pulled down and together: 4
knitted brows: 4
vertical wrinkles between the eyebrows: 4
the eyebrows come down and in: 4
a frown: 4
frowning: 4
contracted brows: 4
eyebrows squeezed together: 4
brows bunched together: 4
upper eyelids raised: 5
widened eyes: 5
wide-open eyes: 5
eyes wide open: 5
the eyes are open wide: 5
her eyes are very wide: 5
eyes widen: 5
bulging eyes: 5
raised upper lids expose the whites of the eyes: 5 5
staring eyes:
raised cheeks: 6
cheeks pushed up: 6
lifted cheeks: 6
crinkles at the corners of the eyes: 6
crow's feet around the eyes: 6
wrinkles around the eyes: 6
cheek raise: 6
the skin around the eyes is gathered and crinkled: 6
tightened eyelids: 7
narrowed eyes: 7
squinting eyes: 7
tense lower eyelids: 7
the lower lids are tensed: 7
lids tighten: 7
eyes squeezed: 7
wrinkled nose: 9
nose wrinkling: 9
scrunched-up nose: 9
the nose is crinkled up: 9
wrinkles along the sides of the nose: 9
the nose is pulled upward: 9
raised upper lip: 10
the upper lip is pulled up: 10
a curled lip: 10
the upper lip lifts: 10
upper lip raiser: 10
deepened nasolabial folds: 11
deepening of the nasolabial furrow: 11
lip corners pulled up: 12
smiling: 12
corners of the mouth turned upward: 12
upturned mouth: 12
the mouth corners lift: 12
the lips curve upwards: 12
the mouth turns up at the corners: 12
corners of the lips drawn back and up: 12
lips pulled into a smile: 12
dimpled cheeks: 14
dimples: 14
the lip corners are tightened: 14
the corners of the mouth are pulled in: 14
tightened mouth corner: 14
lip corners pulled down: 15
downturned mouth: 15
corners of the mouth drawn downwards: 15
the mouth corners droop: 15
the corners of the lips turn down: 15
mouth corners pulled downward: 15
the mouth is turned down: 15
the lower lip is pulled down: 16
lower lip drops: 16
raised chin: 17
chin boss raised: 17
the chin is pushed upward: 17
chin wrinkles: 17
the lower lip is pushed up: 17
puckered lips: 18
pursed lips: 18
lips pursed: 18
stretched lips: 20
lips stretched sideways: 20
the lip corners are pulled sideways: 12
lips pulled back horizontally: 20
lips drawn towards the ears: 20
funneled lips: 22
tightened lips: 23
tight lips: 23
lips tight: 23
lips narrowed: 23
thin lips: 23
tense mouth: 23
pressed lips: 24
lips pressed together: 24
lips pressed firmly against each other: 24
compressed lips: 24
parted lips: 25
the lips are apart: 25
lips part: 25
lips are slightly open: 25
open mouth: 25
mouth slightly open: 25
the mouth opens: 25
the teeth are visible: 25
dropped jaw: 26
jaw drop: 26
the jaw is lowered: 26
his jaw drops open: 26
the jaw falls: 26
the mouth drops open: 26
slack jaw: 26
mouth wide open: 27
stretched mouth: 27
lips sucked in: 28
closed eyes: 43
eyes are closed: 43
the eyelids are lowered: 43
blinking: 45
a blink of the eyes: 45
AU1, AU2, and AU5: 1 2 5
AUs 1, 2, 4 and 20: 1 2 4 20
AU1+AU2+AU5: 1 2 5
AU 12: 12
action unit AU12: 12
Action Units (AU6 and AU12): 6 12
AU6/AU12: 6 12
AU 06 & AU 12: 6 12
au12: 12
AU-12: 12
unit 12:
puffed cheeks: 34
flared nostrils: 38
biting the lip: 32
clenched teeth: 31
tongue sticking out: 19
the model looked at the mouth:
the region around the eyes and mouth:
the eyes and the mouth were the most important:
high confidence in this classification:
the face is relaxed:
relaxed eyebrows:
the eyebrows are in a neutral position:
the mouth is closed:
the network focused on the cheeks, the lips and the brows:
the lower part of the face:
The heatmap highlights the mouth region:
the corners of the mouth matter:
the movement of the brow:
typical of this emotion are movements of the lip corners:
"""


@pytest.mark.parametrize("line", WORDINGS.strip().splitlines())
def test_a_wording_names_its_action_units(line):
    wording, numbers = line.split(":")
    found = {au for mention in find_mentions(f"{wording}.") for au in mention.usual}
    assert found == {int(number) for number in numbers.split()}
