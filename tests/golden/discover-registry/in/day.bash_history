git commit -m 'a b'
git commit --amend
git push
make
make -j2
