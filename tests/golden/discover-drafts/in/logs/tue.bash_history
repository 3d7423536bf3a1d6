#1767312000
git add lexer.c
#1767312010
git commit -m 'fix the lexer'
#1767312020
git commit --amend --no-edit
#1767312030
psql postgres://app:Zebra88xq@db1/shop -c 'select 2'
#1767312040
pytest
#1767312050
ls
