"""List German words for movements of the face; `vocabulary.model` describes the notation.

Compounds that begin with a part of the face are cut behind it: "Wangenheber" is read "wangen
heber".
"""

from __future__ import annotations

from xfera_nb.explanation.vocabulary.model import Discourse, EmotionWords, Vocabulary, either, first

_BROW = "braue/brauen/augenbraue/augenbrauen"
_PIECE = (
    "ende/enden/teil/teile/seite/seiten/halfte/halften/ecke/ecken/rand/rander/bereich/bereiche/"
    "abschnitt*/drittel/spitze/spitzen/winkel"
)
_DOWN = "unten/abwarts"

PARTS = {
    "inner brow": (
        f"inner* {_BROW}",
        f"inner* {_PIECE} {_BROW}",
        f"{_BROW} innen",
        f"innenseit*/innenend*/innenteil* {_BROW}",
        "innenbraue*",
    ),
    "outer brow": (
        f"äußer* {_BROW}",
        f"äußer* {_PIECE} {_BROW}",
        f"{_BROW} außen",
        f"außenseit*/außenend*/außenteil* {_BROW}",
        "außenbraue*",
    ),
    "brow": (
        _BROW,
        f"inner* und äußer* {_BROW}",
        f"inner* und äußer* {_PIECE} {_BROW}",
    ),
    "between brows": (f"zwischen {_BROW}", "glabella", "zornesfalte*"),
    "forehead": ("stirn",),
    "upper lid": ("oberlid*", "ober* lid*/augenlid*"),
    "lower lid": ("unterlid*", "unter* lid*/augenlid*"),
    "lid": ("lid/lider/lidern/lides", "augenlid*"),
    "eye corner": (
        "augenwinkel*",
        "äußer* augenwinkel*",
        "um/neben/unter/seitlich auge/augen",
        "rand/rändern auge/augen",
        "augenrand/augenrändern",
    ),
    "eye": ("auge/augen/auges",),
    "eye white": ("augenweiß", "weiße/weiß auge/augen"),
    "cheek": ("wange/wangen", "backe/backen", "jochbein*"),
    "nose": ("nase/nasen", "nasenrücken*/nasenwurzel*/nasenflanke*"),
    "nostril": ("nasenloch/nasenlöcher*", "nasenflügel*", "nüstern"),
    "fold": (
        "nasolabialfalte*",
        "falte*/furche*/linie* zwischen nase und mund",
        "falte*/furche*/linie* von nase zu/zum mund",
    ),
    "upper lip": ("oberlippe*", "ober* lippe*"),
    "lower lip": ("unterlippe*", "unter* lippe*"),
    "lip corner": (
        "mundwinkel*", "lippenwinkel*", "winkel/enden/ecken/ränder mund/mundes/lippen",
        "lippenecke*",
    ),
    "lip": ("lippe/lippen",),
    "mouth": ("mund/mundes/münder/munde",),
    "teeth": ("zahn/zähne/zähnen", "zahnreihe*"),
    "tongue": ("zunge*",),
    "chin": ("kinn/kinns/kinnes", "kinnbuckel*", "kinnhaut"),
    "jaw": ("kiefer/kiefers", "unterkiefer*", "kinnlade*"),
}  # fmt: skip

ACTIONS = {
    "raise": (
        "heb*", "hebt/hebung*/hoben", "gehob*", "angehob*", "anheb*", "hoch", "hochge*",
        "hochzieh*/hochzog*", "oben", "nach oben", "aufwärts*", "nach oben gezogen*",
        "erhoben*/erhebt/erheben", "in höhe", "empor*", "gezog*/zieh*/geh*/wander*/gericht* oben",
        "steig*/gestiegen*", "nach oben gezog*/gericht*/gebog*/geschob*/gewander*/gekrümm*",
        "hinauf*", "lüpf*/gelüpf*",
    ),
    "lower": (
        "senk*", "gesenk*", "abgesenk*/absenk*", f"nach {_DOWN}", "abwärts*", "unten",
        f"nach {_DOWN} gezog*/gericht*/gebog*/gedrück*/geneig*", "herunter*", "herab*",
        "hinunter*", "runter*", "häng*/hing*", "herabhäng*", "nieder*",
    ),
    "drop": (
        "fällt/fallen/fiel/gefallen", "herabfall*/herabgefallen/herabgesunken*",
        "herunterfall*/heruntergefallen/heruntergeklapp*/herunterklapp*", "klapp*/aufgeklapp*",
        "sinkt/sinken/sank/gesunken*/absink*/abgesunken*", "hängt/hängen/hängend*", "locker*",
        "fallenlassen",
    ),
    "together": (
        "zusammengezog*/zusammenzieh*/zusammenzog*", "zusammen gezog*", "zieh* ~ zusammen",
        "gerunzel*/runzel*/runzl*", "kontrahier*", "zusammengeschob*/zusammenschieb*",
        "zusammengerück*", "zusammenzusehen",
    ),
    "pull": ("zieh*", "gezog*", "zug"),
    "back": (
        "nach hinten/außen/seite", "zur seite", "zu seiten", "in breite", "seitlich", "seitwärts",
        "auseinandergezog*/auseinanderzieh*", "zurückgezog*/zurückzieh*", "horizontal*",
        "zur seite gezog*/zieh*", "in breite gezog*/zieh*", "nach hinten/außen gezog*/zieh*",
    ),
    "stretch": (
        "dehn*/gedehn*", "streck*/gestreck*", "breitgezog*/breitzieh*", "langgezog*",
        "verbreiter*", "auseinandergezog*/auseinanderzieh*",
    ),
    "open wide": (
        "weit offen*/geöffnet*/aufgeriss*/aufgesperr*", "weit", "aufgeriss*/aufreiß*",
        "aufgesperr*/aufsperr*", "reiß*/sperr* ~ auf", "weit ~ geöffnet*",
    ),
    "widen": (
        "weit/weiten/weitet/geweitet*/weitung", "aufgeweitet*", "aufgeriss*/aufreiß*",
        "weit offen*/geöffnet*/aufgeriss*/aufgesperr*", "reiß* ~ auf", "vergrößer*",
        "gebläh*/bläh*/aufgebläh*",
    ),
    "open": ("offen/offene/offenen/offener/offenes/offenem", "öffnen/öffnet/öffnung*", "geöffnet*",
             "offensteh*", "steh* offen", "klaff*"),
    "part": ("getrenn*/trenn*", "auseinander", "geteilt*/teilen", "gespalten"),
    "close": ("geschlossen*", "schließ*/schließung", "zugekniff*"),
    "tighten": (
        "spann*/gespann*", "angespann*/anspann*", "straff*/gestraff*", "verkrampf*",
        "kontrahier*", "verhärt*",
    ),
    "narrow": (
        "vereng*", "schmal*/verschmäler*", "zusammengekniff*/zusammenkneif*", "kneif* ~ zusammen",
        "zukneif*/zugekniff*", "halb geschlossen*", "dünn*", "schlitz*",
    ),
    "press": (
        "press*/gepress*", "aufeinandergepress*/aufeinanderpress*/aufeinandergedrück*",
        "aufeinander gepress*/gedrück*", "zusammengepress*/zusammenpress*/zusammengedrück*",
        "press* ~ zusammen/aufeinander", "gekniff*/kneif*", "drück*/gedrück*",
    ),
    "wrinkle": (
        "gerümpf*/rümpf*", "kräusel*/gekräusel*", "kraus*/krausgezog*", "falte/falten",
        "gefaltet*", "fältchen", "runzel*/gerunzel*/runzl*", "furch*/gefurch*", "linie/linien",
        "knitter*/zerknitter*", "legt/gelegt/legen falten", "in falten",
    ),
    "curl": ("schürz*/geschürz*", "gekrümm*/krümm*"),
    "bunch": (
        "geschob*/schieb*/schob*", "hochgeschob*/hochschieb*", "wölb*/gewölb*/vorgewölb*",
        "bausch*", "gedrück*/drück*",
    ),
    "puff": ("aufgeblas*/aufblas*", "aufgebläh*"),
    "deepen": ("vertief*", "tief/tiefe/tiefer", "ausgeprägt*"),
    "tuck": ("eingezog*/einzieh*", "eingedrück*", "eingekniff*/einkneif*"),
    "pucker": ("gespitz*/spitz*", "geschürz*/schürz*", "gekräusel*"),
    "funnel": (
        "vorgeschob*/vorschieb*", "vorgestülp*/vorstülp*", "nach vorn/vorne", "trichter*",
        "nach vorn/vorne geschob*/gestülp*", "herausgestreck*/rausgestreck*/herausstreck*",
    ),
    "suck": (
        "eingesaug*/einsaug*", "nach innen", "eingeroll*/einroll*", "eingezog*/einzieh*",
        "nach innen gezog*/geroll*/gesaug*",
    ),
    "oblique": ("schräg*",),
    "show": (
        "sichtbar*", "zeig*/gezeig*", "sieht/sehen", "entblöß*", "freigeleg*", "bleck*/gebleck*",
        "gefletsch*/fletsch*",
    ),
    "clench": ("zusammengebiss*/zusammenbeiß*", "beiß* ~ zusammen", "knirsch*"),
    "bite": ("beiß*/gebiss*",),
}  # fmt: skip

PHRASES = {
    "lächel*/lächl*": first(12),
    "grins*/gegrins*": first(12),
    "schmunzel*/schmunzl*": first(12),
    "lachfalte*/lachfältchen/lachfalten": first(6),
    "krähenfuß*/krähenfüß*": first(6),
    "stirn runzel*/runzl*": first(4),
    "runzel*/runzl* stirn": first(4),
    "stirn gerunzel*": first(4),
    "gerunzel* stirn": first(4),
    "naserümpf*": first(9),
    "grübchen*": first(14),
    "grübchen* ~ wange/wangen": first(14),
    "wange/wangen ~ grübchen*": first(14),
    "kinngrübchen": first(17),
    "grübchen* ~ kinn": first(17),
    "blinzel*/blinzl*/geblinzel*": first(45, 43),
    "zwinker*/gezwinker*": first(45, 43),
    "lidschlag*/lidschläg*": first(45, 43),
    "schmollmund": either(17, 18, 22),
    "schmoll*": either(17, 18, 22),
    "große/großen/riesige augen": first(5),
    "gähn*": first(27, 26),
}

EMOTIONS = EmotionWords(
    emotions={
        "anger": ("wut", "wütend*", "ärger*", "verärger*", "zorn*", "zürn*", "rasend",
                  "gereizt*"),
        "disgust": ("ekel*", "angeekel*", "abscheu*", "widerwill*"),
        "fear": ("angst", "ängst*", "verängstig*", "furcht*", "fürcht*", "schrecken",
                 "panik", "panisch*", "entsetz*"),
        "happiness": ("glück*", "freude*", "freud*", "fröhlich*", "froh*", "erfreut*",
                      "freut", "heiter*", "vergnügt*"),
        "neutral": ("neutral*",),
        "sadness": ("traurig*", "trauer*", "unglück*", "betrübt*", "kummer", "melanchol*"),
        "surprise": ("überrasch*", "erstaun*", "staun*", "verblüff*", "verwunder*"),
        "contempt": ("verachtung", "verächtlich*"),
    },
    persons=("er/sie/wir", "person/personen", "mann/männer/frau/frauen", "mensch*",
             "kind/kinder", "junge/mädchen", "proband*", "teilnehm*", "jemand", "dame/herr"),
    having=("ist/sind/war/waren/sein", "fühl*/gefühl*", "empfind*", "hat/haben/hatte",
            "verspür*/spür*", "scheint/scheinen", "wird/wurde/werden"),
    feeling=("fühlt/fühlen/fühle", "empfindet/empfinden"),
    owners=("seine/seiner/seinen/sein", "ihre/ihrer/ihren/ihr"),
    judged=("klassifi*", "eingestuft*", "eingeordnet*", "erkannt*", "erkenn*", "vorherges*",
            "bezeichn*", "zugeordnet*", "kategor*", "typisch*", "eingeschätzt*", "bewertet*",
            "gedeutet*"),
    not_felt=("ausdruck*", "gesichtsausdruck*", "gesicht*", "modell*", "netz*", "klasse*",
              "emotion*"),
    denials=("nicht", "kein*", "nie", "niemals", "ohne", "ob", "nichts", "wie"),
    no_emotion_before=("position*/stellung*/lage/zustand*/haltung*",),
)  # fmt: skip

DISCOURSE = Discourse(
    one=("er/sie/es/dieser/diese/dieses/diesem/letztere/letzterer/letzteres",),
    many=("sie/diese/beide/letztere",),
    owners=("sein/seine/seinen/seiner/seinem/ihr/ihre/ihren/ihrer/ihrem/deren/dessen",),
    singular=(
        "nase/kinn/mund/kiefer/unterkiefer/stirn/oberlippe/unterlippe/lippe/wange/braue/augenbraue/"
        "auge/lid/oberlid/unterlid/kinnlade",
    ),
    relative=(
        "der/die/das/den/dem/deren/dessen/denen/wo/welche/welcher/welches",
        "auf/um/in/an/über/unter/mit/zu/bei/von/aus/durch/für/vor/hinter/neben/zwischen "
        "der/die/das/den/dem/deren/dessen/denen/welche*",
    ),
    whose=("deren/dessen",),
    resuming=(
        "ist/sind/war/waren/wird/werden/wurde/wurden/hat/haben/zeigt/zeigen/hängt/hängen/geht/"
        "gehen/zieht/ziehen/bleibt/bleiben/wirkt/wirken/erscheint/erscheinen/sieht/sehen/hebt/"
        "heben/senkt/senken/steht/stehen/weist/weisen/schiebt/schieben/scheint/scheinen",
    ),
    conditions=("falls/sofern/wenn/konjunktiv/andernfalls/sonst",),
    no_conditions=("als ob", "als wenn", "konjunktiv sagen/meinen", "auch wenn", "wenn auch"),
    doubts=(
        "vielleicht/möglicherweise/eventuell/womöglich/wahrscheinlich/vermutlich/wohl/ob",
        "denkbar/möglich dass",
    ),
    modals=("möglichkeitsform/mag/mögen/dürfte/dürften",),
    no_doubts=("als ob", "ob wohl"),
    contrasts=("statt/anstatt/anstelle",),
    contrast_ends=(
        "sieht/sehen/zeigt/zeigen/ist/sind/findet/finden/gibt/erkennt/tritt/treten/hat/haben/"
        "liegt/kommt/erscheint/erscheinen",
    ),
    missing=(
        "nicht gefunden/erkannt/sichtbar/vorhanden/aktiv/gesehen/nachweisbar/nachgewiesen/da",
        "fehl*/abwesend*/inaktiv*", "ohne befund",
        "nicht ~ sehen/finden/erkennen/beobachten/nachweisen",
        "keine aktivität/aktivierung/bewegung",
    ),
    reaching=("erreich*/reich*/berühr*", "bis ~ augen"),
    denials=("nicht/nie/niemals/kaum/kein*/ohne/weder",),
)  # fmt: skip

VOCABULARY = Vocabulary(
    language="de",
    parts=PARTS,
    actions=ACTIONS,
    phrases=PHRASES,
    emotions=EMOTIONS,
    small_words=frozenset(
        [
            "der", "die", "das", "den", "dem", "des", "und", "ist", "sind", "nicht", "ein", "eine",
            "mit", "auf", "zu", "von", "im", "mund", "lippen", "augen", "augenbrauen", "nach",
            "auch", "kein", "keine", "sich", "wird", "werden", "nase", "lächeln",
        ]
    ),
    regions={
        "brows": (_BROW,),
        "eyes": ("auge/augen",),
        "nose": ("nase",),
        "cheeks": ("wange/wangen",),
        "mouth": ("mund/mundes",),
        "chin": ("kinn/kinns",),
    },
    claims={
        "looked": ("geachtet", "achte/achtet/achten", "karte", "wärmekarte*", "aufmerksamkeit"),
        "hidden": ("verwisch*", "unscharf*", "verdeck*", "abgedeck*", "verborgen*"),
        "changes": ("wechsel*", "ändert"),
        "little": ("wenig", "kaum"),
        "inside": ("dort zeigt", "beachteten bereich"),
        "outside": ("anderswo", "außerhalb"),
        "measured": ("messung*", "gemess*", "messen", "messbar*"),
    },
    discourse=DISCOURSE,
    codes={"au": True, "action unit/units": True, "aktionseinheit*": True,
           "bewegungseinheit*": True},
    negated_after=("kein/keine/keinen/keiner/keinem/keinerlei/keines", "ohne", "weder",
                   "statt/anstatt/anstelle", "mangel*", "nirgend*"),
    negated_around=("nicht", "nichts", "nie/niemals", "fehl*", "ausbleib*", "abwesen*",
                    "bleib*/blieb* aus", "inaktiv*",
                    "kein* aktivität/aktivierung/bewegung/regung"),
    idioms=(
        "nicht nur/bloß/allein/zuletzt", "ohne zweifel/frage", "fiel/fielen/fällt/fallen ~ auf",
    ),
    breaks=frozenset(
        {"aber", "während", "obwohl", "doch", "jedoch", "sondern", "weil", "denn", "hingegen",
         "dagegen", "wohingegen"}
    ),
    joining=frozenset({"und", "oder", "sowie", "noch"}),
    linking_words=frozenset({"nicht", "auch", "sowohl", "als", "beide", "beiden"}),
    sides={
        "left": ("links", "linke/linken/linker/linkes/linkem", "linksseitig*"),
        "right": ("rechts", "rechte/rechten/rechter/rechtes/rechtem", "rechtsseitig*"),
        "both": ("beide/beiden/beider", "beidseit*", "symmetrisch*", "bilateral*"),
        "one": ("einseitig*", "asymmetrisch*"),
        "only": ("nur", "allein*", "lediglich", "ausschließlich", "bloß"),
    },
    strengths={
        "weak": (
            "leicht*", "schwach*", "kaum", "kaum merklich*/sichtbar*/wahrnehmbar*/erkennbar*",
            "gering*", "dezent*", "sanft*", "zart*", "minimal*", "ein wenig", "ein bisschen",
            "angedeutet*", "andeutung*", "hauch", "klein*", "ansatzweise",
        ),
        "moderate": ("mäßig*", "mittelstark*", "moderat*"),
        "clear": ("deutlich*", "klar*", "sichtbar*", "sichtlich*", "merklich*", "erkennbar*"),
        "strong": (
            "stark*", "sehr stark*", "kräftig*", "intensiv*", "heftig*", "ausgeprägt*", "extrem*",
            "maximal*", "erheblich*", "massiv*", "enorm*",
        ),
    },
    # Without its accent, "wären" is "waren" and "könnte" is "konnte".
    aliases=dict.fromkeys(
        ("wäre", "wären", "hätte", "hätten", "würde", "würden", "wär", "hätt"), "konjunktiv"
    )
    | dict.fromkeys(("könnte", "könnten", "möchte", "möchten"), "möglichkeitsform"),
    dropped=frozenset(
        [
            "der", "die", "das", "des", "dem", "den", "ein", "eine", "einen", "einem", "einer",
            "eines", "sein", "seine", "seinen", "seiner", "seinem", "ihr", "ihre", "ihren",
            "ihrer", "ihrem", "ihres", "seines", "sich", "von", "vom", "am", "an", "im", "zu",
            "zum", "in",
        ]
    ),
    compounds=(
        "augenbrauen", "brauen", "mundwinkel", "lippenwinkel", "oberlippen", "unterlippen",
        "lippen", "wangen", "oberlid", "unterlid", "augenlid", "lidschl", "lid", "kinnlade",
        "kinnbuckel", "kinngr", "kinn", "kiefer", "stirn", "mund", "innenbrauen", "außenbrauen",
    ),
)  # fmt: skip
