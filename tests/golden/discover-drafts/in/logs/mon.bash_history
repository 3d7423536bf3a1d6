#1767225600
cd project
#1767225610
git status
#1767225620
git add parser.c
#1767225630
git commit -m 'fix the parser'
#1767225640
PGPASSWORD=Zebra99xq psql -h db1 -U app -c 'select 1'
#1767225650
pytest && git push
#1767225660
grep -rn lexer . | head
