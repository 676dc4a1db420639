"""Every Swedish sentence of the bridge."""

from __future__ import annotations

FINDING_MESSAGES = {
    "SERVICE_NOT_RUNNING": (
        "Datorns tjänst för smarta kort är inte igång. Sätt i kortläsaren och starta om datorn. "
        "Hjälper det inte behöver den som sköter din dator starta tjänsten Smartkort."
    ),
    "NO_READER": (
        "Jag hittar ingen kortläsare. Kontrollera att sladden sitter i ordentligt och prova ett annat "
        "USB-uttag, helst direkt på datorn."
    ),
    "CARD_NOT_DETECTED": (
        "Kortläsaren fungerar, men det sitter inget kort i den. Sätt i kortet med chippet uppåt, "
        "åt pilens håll, och tryck in det hela vägen."
    ),
    "CARD_MUTE": (
        "Det sitter ett kort i läsaren, men det svarar inte. Det är troligen vänt åt fel håll eller ligger "
        "dåligt an. Ta ut det, vänd chippet uppåt och tryck in det hela vägen. Prova också en annan läsare."
    ),
    "CARD_BUSY": (
        "Ett annat program använder kortet just nu. Stäng andra program och webbläsarfönster som använder "
        "kortet, vänta en liten stund och försök igen. Hjälper det inte kan du ta ut "
        "kortet och sätta i det igen."
    ),
    "CARD_NOT_RESPONDING": "Kortet slutade svara. Ta ut det, vänta några sekunder och sätt i det igen.",
    "CARD_REMOVED": "Kortet togs ut medan jag läste det. Sätt i det igen och låt det sitta kvar.",
    "READ_FAILED": (
        "Jag kunde inte läsa kortet. Ta ut det, sätt i det igen och försök på nytt. Prova gärna en annan "
        "kortläsare eller ett annat USB-uttag."
    ),
    "UNKNOWN_CARD": (
        "Jag känner inte igen kortet i läsaren. Kontrollera att det är ditt SITHS-kort och inte till exempel "
        "ett bankkort eller passerkort. Är det ditt SITHS-kort kan kortets program saknas på datorn."
    ),
    "NO_SITHS_CERTIFICATE": (
        "Kortet går att läsa, men det har inget SITHS-certifikat. Kontrollera att du har satt i rätt kort. "
        "Är det rätt kort behöver du hjälp av din ID-administratör."
    ),
    "CERTIFICATE_EXPIRED": (
        "Certifikatet på kortet gick ut {valid_to}. Kortet går inte att använda förrän det är uppdaterat "
        "eller utbytt. Kontakta din ID-administratör."
    ),
    "PIN_LOCKED": (
        "Kortets PIN-kod är låst efter för många felaktiga försök. Lås upp kortet med PUK-koden. "
        "Har du ingen PUK-kod kan en ny beställas."
    ),
    "CERTIFICATE_NOT_YET_VALID": (
        "Certifikatet på kortet börjar gälla först {valid_from}. Kontrollera att datorns datum och klocka "
        "stämmer. Stämmer de behöver du vänta till dess."
    ),
    "NO_HSA_ID_CERTIFICATE": (
        "Kortet har SITHS-certifikat, men inget med HSA-id. Kontakta din ID-administratör, som kan se vad "
        "som saknas."
    ),
    "PIN_LOW": (
        "PIN-koden har skrivits fel tidigare. Antal försök kvar innan kortet låses: {tries_left}. "
        "Gissa inte, utan ta reda på rätt PIN-kod först."
    ),
    "CERTIFICATE_EXPIRES_SOON": (
        "Certifikatet på kortet går ut {valid_to}. Antal dagar kvar: {days_left}. Kontakta din "
        "ID-administratör i god tid, så att du hinner få det uppdaterat."
    ),
    "WRONG_CERTIFICATE_FIRST": (
        "Ett annat certifikat än det med HSA-id ligger först på kortet. Välj det som är märkt Person HSA-id "
        "när du loggar in. Valde du fel stänger du alla webbläsarfönster och försöker igen."
    ),
    "REMOTE_DESKTOP": (
        "Du arbetar via fjärrskrivbord. Då måste kortläsaren delas med fjärrdatorn. Kontrollera att smarta "
        "kort är påslaget i fjärrskrivbordets inställningar."
    ),
    "SEVERAL_CARDS": (
        "Det sitter kort i flera läsare: {readers}. Ta ut de kort du inte ska använda, eller välj rätt kort "
        "i SITHS eID-appens inställningar."
    ),
    "SEVERAL_READERS": "Datorn har flera kortläsare: {readers}.",
    "PIN_STATUS_UNKNOWN": (
        "Jag kan inte se om PIN-koden är låst, eftersom det inte är säkert att fråga den här sortens kort."
    ),
    "SITHS_RESERVE_CARD": "Det här är ett SITHS-reservkort.",
    "ASSURANCE_LEVEL_2": (
        "Kortet har tillitsnivå 2. Vissa tjänster kräver tillitsnivå 3 och går då inte att nå med kortet."
    ),
    "ASSURANCE_LEVEL_3": "Kortet har tillitsnivå 3.",
    "ENVIRONMENT": "Datorn har {os}. Korttjänst: {pcsc}. Kortprogram: {middleware}.",
    "SITHS_ORDINARY_CARD": "Det här är ett ordinarie SITHS-kort.",
}

WHY_NOT = {
    "service": "Datorns tjänst för smarta kort svarar inte.",
    "no_reader": "Det finns ingen kortläsare.",
    "no_card": "Det finns inget kort att läsa.",
    "not_read": "Kortet gick inte att läsa.",
    "time": "Tiden räckte inte till.",
    "not_safe_to_ask": "Det är inte säkert att fråga den här sortens kort.",
    "no_such_pin": "Kortet känner inte igen frågan.",
    "already_verified": "PIN-koden är redan angiven i ett annat program.",
    "unclear_answer": "Kortet svarade otydligt.",
}

ERROR_MESSAGES = {
    "wrong_host": "Anropet har fel adress.",
    "origin_not_allowed": "Den här webbplatsen får inte använda kortkontrollen.",
    "header_missing": "Anropet saknar ett huvud som krävs.",
    "not_json": "Anropet måste vara JSON.",
    "too_large": "Anropet är för stort.",
    "not_found": "Det finns inget sådant anrop.",
    "method_not_allowed": "Anropet går inte att göra på det sättet.",
    "not_paired": "Webbplatsen är inte kopplad till kortkontrollen. Ange koden som visas på din dator.",
    "invalid_body": "Anropet har fel innehåll.",
    "wrong_code": "Koden stämmer inte. Titta på koden som visas på din dator och försök igen.",
    "pairing_ended": (
        "Fel kod har angetts för många gånger. Skapa en ny kod i kortkontrollens fönster på din dator, "
        "eller starta om programmet."
    ),
    "busy": "En kontroll pågår redan. Vänta några sekunder och försök igen.",
    "no_identity": "Det går inte att läsa något HSA-id från kortet.",
    "too_many_streams": "För många sidor följer kortläsaren samtidigt. Stäng några flikar.",
    "internal_error": "Något gick fel i kortkontrollen. Försök igen, eller starta om programmet.",
}

CODE_LINE = "Kod: {code}"
READY = "Kortkontrollen är igång på {address} för {origins}. Avsluta med Ctrl+C."
ENDED = "Fel kod tre gånger. Tryck Retur för att skapa en ny kod."
PORT_TAKEN = "Porten {port} används redan. Är kortkontrollen redan igång?"
BAD_ORIGIN = "Ogiltig webbplats: {origin}. Skriv till exempel https://support.example.se"
NO_READERS = "Ingen kortläsare."
SERVICE_DOWN = "Datorns tjänst för smarta kort är inte igång."
WATCHING = "Väntar på kort. Avsluta med Ctrl+C."
INSERTED = "Kort isatt i {reader}"
REMOVED = "Kort urtaget ur {reader}"
PRESENCES = {
    "card": "kort i läsaren",
    "empty": "inget kort",
    "mute": "kort som inte svarar",
    "in_use": "kortet används av ett annat program",
    "unavailable": "går inte att nå",
}
WINDOW_TITLE = "Kortkontroll"
WINDOW_TEXT = "Skriv den här koden i chatten på {origins}."
WINDOW_NEW_CODE = "Ny kod"
WINDOW_NOTE = "Koden är bara till för chatten. Skriv aldrig din PIN- eller PUK-kod där."
