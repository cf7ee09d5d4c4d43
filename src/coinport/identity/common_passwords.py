"""The passwords that are tried first: a registration with one of them can be refused.

A client sends only a hash, so its MD5 and SHA-256 are recognized too.
"""

from coinport.identity.passwords import Form, in_form

_COMMON = """
000000 00000000 0123456789 102030 1111 11111 111111 1111111 11111111 112233 11223344 121212 123
123123 123123123 123321 1234 12345 123456 1234567 12345678 123456789 1234567890 123456a 1234qwer
123654 123abc 123qwe 131313 147258369 159357 159753 1q2w3e 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 5201314
555555 654321 666666 66666666 696969 777777 7777777 88888888 888888 987654321 999999 a123456
a12345678 aa123456 abc123 abcd1234 access admin admin123 amanda asdasd asdf1234 asdfasdf asdfgh
asdfghjkl ashley azerty baseball batman bitcoin charlie computer daniel dragon flower football
freedom fuckyou google hello hunter iloveyou jennifer jessica jordan killer letmein login lovely
master michael monkey mustang nicole ninja passw0rd password password1 password123 pokemon
princess q1w2e3r4 qazwsx qwe123 qweasdzxc qwer1234 qwerty qwerty123 qwertyuiop samsung secret
shadow soccer starwars summer sunshine superman tigger trustno1 welcome whatever woaini
woaini1314 zaq12wsx zxcvbnm
"""
COMMON_PASSWORDS = frozenset(
    in_form(password, form) for password in ["", *_COMMON.split()] for form in Form
)


def is_common(pwdhash: str, form: Form) -> bool:
    return in_form(pwdhash, form) in COMMON_PASSWORDS
