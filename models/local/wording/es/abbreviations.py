"""Spanish abbreviations. Pure. May import: the standard library, models.local.wording."""

import re

from models.local.wording.abbreviating import becomes, dotted, ends, introducing, kept, title
from models.local.wording.rules import Rule

ABBREVIATIONS: tuple[Rule, ...] = (
    title("Dr", "doctor"),
    title("Dra", "doctora"),
    title("Dres", "doctores"),
    title("Sr", "señor"),
    title("Sra", "señora"),
    title("Srta", "señorita"),
    title("Sres", "señores"),
    title("Lic", "licenciado"),
    title("Licda", "licenciada"),
    title("Ing", "ingeniero"),
    title("Prof", "profesor"),
    title("Profa", "profesora"),
    title("Enf", "enfermera"),
    title("Sto", "Santo"),
    title("Sta", "Santa"),
    *(
        (re.compile(rf"\b{short}\.", re.IGNORECASE), becomes(words))
        for short, words in (
            ("dr", "doctor"),
            ("dra", "doctora"),
            ("sr", "señor"),
            ("sra", "señora"),
            ("srta", "señorita"),
        )
    ),
    kept(r"\b[Uu]ds\b", "ustedes"),
    kept(r"\b[UV]d\b", "usted"),
    dotted("ud", "usted"),
    kept(r"\b[Aa]vda\b", "avenida"),
    introducing("[Aa]ve?", "avenida"),
    introducing("[Bb]lvd", "bulevar"),
    (re.compile(r"\b[Cc]/\s?(?=[A-ZÁÉÍÓÚÑ])"), becomes("calle ")),
    introducing("[Cc]alz", "calzada"),
    introducing("[Cc]ol", "colonia"),
    introducing("[Ee]sq", "esquina"),
    dotted("[Dd]e?pto", "departamento"),
    dotted("[Dd]epto", "departamento"),
    dotted("[Aa]pto", "apartamento"),
    dotted("[Cc]ons", "consultorio"),
    introducing("[Tt]els?", "teléfono"),
    dotted("[Cc]el", "celular"),
    dotted("[Mm][áa]x", "máximo"),
    dotted("[Mm]ín", "mínimo"),
    (re.compile(r"\bC\.\s?P\.(?=\s?[0-9])"), becomes("código postal")),
    (re.compile(r"\bc/\s?(?=[0-9])"), becomes("cada ")),
    dotted("[Aa]prox", "aproximadamente"),
    introducing("[Pp][áa]g", "página"),
    dotted("[Ii]zq", "izquierda"),
    dotted("[Dd]cha", "derecha"),
    kept(r"\betc\b", "etcétera"),
    (re.compile(r"\b[Pp]\.\s?ej\.,?"), becomes("por ejemplo,")),
    (re.compile(r"\bEE\.?\s?UU\b\.?"), lambda m: "Estados Unidos" + ends(m)),
    (
        re.compile(r"\b[Nn](?:\.\s?º|º|\.\s?°|°|[úu]m\.|os?\.)\s{0,2}(?=[0-9])|#\s?(?=[0-9])|№\s?"),
        becomes("número "),
    ),
    (re.compile(r"\bc/u\b"), becomes("cada uno")),
    (re.compile(r"\bs/n\b"), becomes("sin número")),
)
