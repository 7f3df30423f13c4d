"""List Spanish words for movements of the face; `vocabulary.model` describes the notation."""

from __future__ import annotations

from xfera_nb.explanation.vocabulary.model import Discourse, EmotionWords, Vocabulary, either, first

_BROW = "ceja/cejas"
_EYES = "ojo/ojos"
_LIPS = "labio/labios"
_PIECE = "parte*/extremo*/esquina*/lado*/borde*/punta*/mitad*/zona*/porcion*/tercio*/angulo*"
_CORNER = "comisura*/esquina*/extremo*/angulo*/borde*/punta*/rincon*"
_UP = "arriba"
_DOWN = "abajo"
_MOVED = (
    "tir*/jal*/empuj*/gir*/curv*/vuel*/dirig*/apunt*/va/van/mueve*/movid*/estir*/llev*/doblad*/"
    "orientad*/desplaz*/inclin*/torc*/tuerc*"
)

PARTS = {
    "inner brow": (
        f"{_PIECE} intern*/interior*/medial*/central* {_BROW}",
        f"{_BROW} intern*/interior*",
        f"interior {_BROW}",
        f"{_PIECE} {_BROW} intern*/interior*",
    ),
    "outer brow": (
        f"{_PIECE} extern*/exterior*/lateral* {_BROW}",
        f"{_BROW} extern*/exterior*",
        f"exterior/cola/colas {_BROW}",
        f"{_PIECE} {_BROW} extern*/exterior*",
    ),
    "brow": (
        _BROW,
        f"{_PIECE} intern*/interior* y extern*/exterior* {_BROW}",
        f"{_BROW} intern*/interior* y extern*/exterior*",
    ),
    "between brows": (f"entre {_BROW}", f"entre dos {_BROW}", "entrecejo", "ceno"),
    "forehead": ("frente",),
    "upper lid": ("parpado* superior*",),
    "lower lid": ("parpado* inferior*",),
    "lid": ("parpado*",),
    "eye corner": (
        f"comisura*/esquina*/angulo*/rabillo*/contorno*/lado*/borde* {_EYES}",
        f"esquina*/angulo*/borde* extern*/exterior* {_EYES}",
        f"alrededor/junto/cerca/debajo {_EYES}",
    ),
    "eye": (_EYES,),
    "eye white": (f"blanco {_EYES}", "esclerotica*"),
    "cheek": ("mejilla*/pomulo*/cachete*/carrillo*",),
    "nose": ("nariz/narices", "puente/raiz/base/dorso/lados nariz", "nasal*"),
    "nostril": ("fosa* nasal*", "narina*", "aleta* nasal*/nariz", "orificio* nasal*/nariz"),
    "fold": (
        "surco*/pliegue*/linea*/arruga* nasolabial*/nasogenian*",
        "surco*/pliegue*/linea*/arruga* entre nariz y boca",
        "surco*/pliegue*/linea*/arruga* entre nariz y labios",
        "nasolabial*",
    ),
    "upper lip": ("labio* superior*",),
    "lower lip": ("labio* inferior*",),
    "lip corner": (
        "comisura*",
        f"{_CORNER} {_LIPS}/boca",
        f"{_CORNER} extern*/exterior* {_LIPS}/boca",
        "comisura* bucal*/labial*",
    ),
    "lip": (_LIPS,),
    "mouth": ("boca/bocas",),
    "teeth": ("diente*/dentadura",),
    "tongue": ("lengua",),
    "chin": ("menton/barbilla*",),
    "jaw": ("mandibula*/quijada*", "maxilar inferior"),
}

ACTIONS = {
    # Before "together": pursed lips are not pressed ones.
    "pucker": ("frunc*/frunz*", "piquito"),
    "raise": (
        "levant*", "elev*", "alz*/alce", "sube/suben/subi*", f"hacia {_UP}", _UP, "arque*",
        "enarc*", "ascend*/ascien*", "izad*", f"{_MOVED} hacia {_UP}", f"{_MOVED} ~ {_UP}",
        "eleva* ~ arriba",
    ),
    "lower": (
        "baja/bajan/bajar/bajad*/bajand*/bajas/bajen/bajos", f"hacia {_DOWN}", _DOWN,
        "descend*/descien*/descens*", "deprim*/depres*", f"{_MOVED} hacia {_DOWN}",
        f"{_MOVED} ~ {_DOWN}",
    ),
    "drop": ("cae/caen/caer/caid*/cayend*", "descolg*/descuelg*", "cuelg*/colg*", "desplom*"),
    "together": (
        "juntan/juntar/juntas/juntad*/juntand*/juntos", "frunc*/frunz*", "acerc*", "aproxim*",
        "contrae*/contraid*/contracc*/contray*", "une/unen/unid*", "ceñud*",
    ),
    "pull": ("tir*/jal*", "tracc*/estirad*"),
    "back": (
        "hacia atras/lados/fuera/afuera/orejas/costados", "lateralmente", "horizontalmente",
        "estir*/tir*/retra* hacia atras/lados/fuera/afuera/orejas/costados", "atras",
    ),
    "stretch": ("estir*", "alarg*", "extend*/extiend*", "ensanch*"),
    "open wide": (
        "muy/bien/ampliamente/completamente abiert*", "apertura/abertura amplia/grande",
        "abiert*/abre*/abri* mucho/ampliamente/completamente", "abiert*/abre*/abri* par en par",
    ),
    "widen": (
        "muy/bien/ampliamente abiert*", "abiert*/abre*/abri* mucho/ampliamente",
        "abiert*/abre*/abri* par en par", "agrand*", "dilat*", "desorbitad*", "ensanch*",
        "ampli*",
    ),
    "open": ("abiert*/abre/abren/abri*", "apertura", "entreabiert*/entreabr*"),
    "part": ("separ*", "entreabiert*/entreabr*", "despeg*"),
    "close": ("cerrad*/cierr*/cerrar/cierre",),
    "tighten": ("tens*", "apret*/apriet*", "contrae*/contraid*/contracc*", "tirant*", "rigid*"),
    "narrow": (
        "entrecerr*/entrecierr*", "entorn*", "estrech*", "afin*", "adelgaz*", "achic*/achin*",
        "rendija*", "fin/fina/finos/finas/delgad*",
    ),
    "press": ("apret*/apriet*", "presion*", "comprim*/compres*", "prens*"),
    "wrinkle": (
        "arrug*", "frunc*/frunz*", "pliegu*/plegad*/plieg*", "surco*/surcad*", "linea*",
    ),
    "curl": ("torc*/tuerc*", "enrosc*"),
    "bunch": ("empuj*", "abult*", "prominent*"),
    "puff": ("infl*", "hinch*"),
    "deepen": ("profund*", "marcad*", "acentu*", "pronunciad*"),
    "tuck": ("hund*", "metid*", "apret*/apriet*", "hacia dentro/adentro"),
    "funnel": ("protru*", "hacia delante/adelante/fuera", "sobresal*", "adelant*", "embudo",
               "empuj*/saca* hacia delante/adelante/fuera", "saca*/fuera"),
    "suck": ("chup*", "succion*", "hacia dentro/adentro", "metid*", "mete/meten", "dentro"),
    "oblique": ("oblicu*", "inclinad*"),
    "show": ("muestr*/mostr*", "visible*", "ve/ven", "descubiert*", "asom*", "ensen*", "aparec*"),
    "clench": ("apret*/apriet*", "rechin*"),
    "bite": ("muerd*/mord*",),
}  # fmt: skip

PHRASES = {
    "sonris*/sonrie*/sonrei*/sonria*": first(12),
    "pata/patas gallo": first(6),
    "cenud*": first(4),
    "hoyuelo*": first(14),
    "hoyuelo* ~ mejilla*": first(14),
    "mejilla* hoyuelo*": first(14),
    "hoyuelo* menton/barbilla": first(17),
    "parpade*/pestane*": first(45, 43),
    "guino/guinos/guina/guinan/guinar/guinando": first(45, 43),
    "boquiabiert*": either(25, 26, 27),
    "bostez*": first(27, 26),
    "puchero*": either(17, 18, 22),
    "ojos como platos": first(5),
}

EMOTIONS = EmotionWords(
    emotions={
        "anger": ("ira", "enfad*", "enoj*", "rabi*", "furi*", "irritad*", "colera"),
        "disgust": ("asco", "asquead*", "repugn*", "repuls*"),
        "fear": ("mied*", "asustad*", "temor*", "terror*", "aterr*", "atemoriz*", "ansios*",
                 "panico", "susto"),
        "happiness": ("feliz*", "felices", "felicidad", "alegr*", "content*", "dichos*"),
        "neutral": ("neutr*",),
        "sadness": ("trist*", "infeliz*", "pena", "melancol*", "apenad*", "afligid*"),
        "surprise": ("sorpres*", "sorprend*", "asombr*", "atonit*"),
        "contempt": ("despreci*", "desden*"),
    },
    persons=("ella/ellos/ellas/usted", "persona/personas", "hombre*", "mujer*",
             "chic*", "nino/nina/ninos/ninas", "sujeto*", "individu*", "participante*",
             "senor*", "alguien"),
    having=("es/son/esta/estan/era/estaba/ser/estar", "sient*", "sent*", "experiment*",
            "tien*", "parec*"),
    feeling=("siente/sienten/sentirse/sintiendo",),
    owners=("su/sus",),
    judged=("clasific*", "reconoc*", "etiquet*", "predi*", "detect*", "asoci*", "categor*",
            "tipic*", "interpret*", "identific*"),
    not_felt=("expresion*", "rostro/cara", "modelo", "red", "clase*", "emocion*"),
    denials=("no", "sin", "nunca", "ni", "si", "nada", "como"),
    no_emotion_before=("posicion*/estado",),
    silent_subject=True,
)  # fmt: skip

DISCOURSE = Discourse(
    one=("este/esta/esto/ella/ese/esa/ultima/ultimo",),
    many=("estos/estas/ellos/ellas/esos/esas/ambos/ambas",),
    owners=("su/sus/cuyo/cuya/cuyos/cuyas",),
    singular=(
        "boca/nariz/mandibula/quijada/menton/barbilla/mejilla/ceja/labio/parpado/comisura/frente/"
        "ojo/ceno/entrecejo",
    ),
    verbs_of_one=("esta/es/se/aparece/parece/ha/queda/permanece/resulta/muestra",),
    verbs_of_many=(
        "estan/son/se/aparecen/parecen/han/quedan/permanecen/resultan/muestran",
    ),
    relative=(
        "que/quien/quienes/cuyo/cuya/cuyos/cuyas/donde",
        "a/al/de/del/en/con/por/sobre/entre/bajo/para/tras que/cual/cuales/quien/cuyo/cuya",
        "a/de/en/con/por/sobre/entre/bajo/tras el/la/los/las que/cual/cuales",
    ),
    whose=("cuyo/cuya/cuyos/cuyas",),
    resuming=(
        "esta/estan/es/son/era/eran/aparece/aparecen/parece/parecen/se/ha/han/queda/quedan/"
        "permanece/permanecen/resulta/resultan/apunta/apuntan/sube/suben/baja/bajan/muestra/"
        "muestran",
    ),
    conditions=(
        "si/condicional/habria/habrian/hubier*/hubies*/estuvier*/estuvies*", "de haber*",
        "caso que", "siempre que", "no ser que", "cambiaria*",
    ),
    no_conditions=("como si", "si bien", "aun si"),
    doubts=(
        "quiza/quizas/acaso/posiblemente/probablemente", "tal vez", "posible que",
        "sabe/claro/seguro/ve/aprecia/distingue/decir/saber/ver si", "bien si", "lo mejor",
    ),
    modals=("puede/pueden/podria/podrian",),
    no_doubts=("puede verse", "puede decirse", "puede ver"),
    contrasts=("lugar de/del", "vez de/del", "en lugar/vez", "mas que", "lejos de"),
    contrast_ends=(
        "vemos/hay/aparece/aparecen/ve/ven/muestra/muestran/esta/estan/encontramos/tenemos/"
        "observamos/es/son",
    ),
    missing=(
        "no detectad*/encontrad*/hallad*/vist*/visible*/presente*/activ*/observad*",
        "falt*/ausent*/inactiv*",
        "no ~ observ*/ve/ven/visto/vista/detect*/encuentr*/aprecia*", "sin actividad/activacion",
    ),
    reaching=("lleg*/alcanz*/toc*/implic*/involucr*/extiend*",),
    denials=("no/nunca/sin/jamas/tampoco/apenas",),
)  # fmt: skip

VOCABULARY = Vocabulary(
    language="es",
    parts=PARTS,
    actions=ACTIONS,
    phrases=PHRASES,
    emotions=EMOTIONS,
    small_words=frozenset(
        [
            "el", "los", "las", "del", "una", "y", "está", "están", "es", "no", "que", "con", "de",
            "boca", "labios", "ojos", "cejas", "hacia", "más", "también", "al", "este", "rostro",
            "se", "mejillas", "nariz", "sonrisa", "sin",
        ]
    ),
    regions={
        "brows": ("ceja/cejas",),
        "eyes": ("ojo/ojos",),
        "nose": ("nariz",),
        "cheeks": ("mejilla/mejillas",),
        "mouth": ("boca",),
        "chin": ("barbilla", "menton"),
    },
    claims={
        "looked": ("mirado/miro/mira", "mapa/mapas", "atencion", "fijado/fijo/fija"),
        "hidden": ("difumin*", "ocult*", "tapa/tapar/tapando"),
        "changes": ("cambia/cambian",),
        "little": ("poco",),
        "inside": ("alli rostro", "zonas miradas"),
        "outside": ("otras partes", "otras zonas"),
        "measured": ("medicion*", "medid*/medir/mide/miden"),
    },
    discourse=DISCOURSE,
    codes={
        "au": True, "unidad accion": True, "unidades accion": True, "action unit/units": True,
        "ua": True,
    },
    negated_after=(
        "sin", "ningun*", "nada", "ausencia", "en lugar/vez de/del", "ni",
    ),
    negated_around=("no", "nunca", "jamas", "tampoco", "ausent*", "falt*", "carec*", "inactiv*",
                    "ningun* actividad/activacion/movimiento",
                    "sin actividad/activacion/movimiento"),
    idioms=("no solo/solamente/unicamente", "sin embargo", "sin duda", "no obstante"),
    breaks=frozenset({"pero", "mientras", "aunque", "sino", "porque", "pues"}),
    joining=frozenset({"y", "e", "o", "u", "ni"}),
    linking_words=frozenset({"no", "tambien", "tanto", "como"}),
    sides={
        "left": ("izquierd*", "lado izquierdo"),
        "right": ("derech*", "lado derecho"),
        "both": ("ambos/ambas", "bilateral*", "simetric*", "dos lados"),
        "one": ("unilateral*", "asimetric*", "un solo lado"),
        "only": ("solo", "solamente", "unicamente", "exclusivamente"),
    },
    strengths={
        "weak": (
            "liger*", "leve/leves/levemente", "debil*", "tenue*", "apenas",
            "apenas visible*/perceptible*", "sutil*", "poco visible*", "un poco", "suave*",
            "minim*", "pequen*", "atisbo*", "asomo",
        ),
        "moderate": ("moderad*",),
        "clear": ("clar*", "visible*", "evidente*", "nitid*", "patente*", "bien visible*"),
        "strong": (
            "fuerte/fuertes/fuertemente", "con fuerza", "muy fuerte/fuertes/fuertemente",
            "intens*", "marcad*", "pronunciad*", "acentuad*", "notable*", "extremad*", "maxim*",
            "vigoros*", "considerabl*", "enorm*",
        ),
    },
    aliases={"él": "ella", "sí": "afirmativo", "sería": "condicional", "serían": "condicional"},
    dropped=frozenset(
        [
            "el", "la", "los", "las", "un", "una", "unos", "unas", "de", "del", "al", "a", "su",
            "sus", "lo", "se", "le", "les", "este", "esta", "estos", "estas", "que", "ese", "esa",
        ]
    ),
)  # fmt: skip
