git add docs/a.md
git commit -m "it's done"
psql -h db2 -U app -c 'select 3'
pytest
sudo systemctl restart app
echo 'never ends
