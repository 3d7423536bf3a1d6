#include "support/support.h"

#include "base/regex.h"
#include "cluster/redact.h"
#include "cluster/redact_rules.h"

#include <stdlib.h>
#include <string.h>

static struct opk_redactor *new_redactor(void)
{
    struct opk_redactor *redactor = NULL;
    struct opk_err err = {0};

    opk_assert_status("redactor", opk_redactor_new(&redactor, &err), OPK_OK, &err);
    return redactor;
}

/* The whole output, placeholders and quotes included. */
static void test_output(void **state)
{
    static const struct {
        const char *command;
        const char *want;
    } CASES[] = {
        {"mysql -u root -pZebra99xq shop", "mysql -u root -p<secret:mysql-password> shop"},
        {"mysql -u root -p'Zebra 99' shop", "mysql -u root -p'<secret:mysql-password>' shop"},
        {"curl -u joe:Zebra99xq https://h/", "curl -u joe:<secret:http-password> https://h/"},
        {"sshpass -p 'a'\\''b' ssh h", "sshpass -p <secret:ssh-password> ssh h"},
        {"PGPASSWORD=Zebra99xq psql", "PGPASSWORD=<secret:password> psql"},
        {"PGPASSWORD=a\\ b psql", "PGPASSWORD=<secret:password> psql"},
        {"git clone https://joe:Zebra99xq@h/x", "git clone https://joe:<secret:url-password>@h/x"},
        {"curl -H 'Authorization: Bearer Zebra99xq' h",
         "curl -H 'Authorization: Bearer <secret:authorization>' h"},
        {"curl -d '{\"password\":\"Zebra99xq\"}' h",
         "curl -d '{\"password\":\"<secret:password>\"}' h"},
        {"bash -c \"mysql -p'Zebra99xq' -e \\\"select 1\\\"\"",
         "bash -c \"mysql -p'<secret:mysql-password>' -e \\\"select 1\\\"\""},
        {"sshpass -pZebra99xq ssh h; echo Zebra99xq",
         "sshpass -p<secret:ssh-password> ssh h; echo <secret:ssh-password>"},
        {"echo ghp_0123456789abcdefghijABCDEFGHIJ012345", "echo <secret:github-token>"},
        {"echo '-----BEGIN RSA PRIVATE KEY-----\nMIIE", "echo '<secret:private-key>"},
        {"", ""},
    };
    struct opk_redactor *redactor = new_redactor();

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf out = OPK_BUF_EMPTY;
        struct opk_err err = {0};
        opk_assert_status(CASES[i].command,
                          opk_redact(redactor, opk_str_of(CASES[i].command), &out, NULL, &err),
                          OPK_OK, &err);
        opk_assert_str(CASES[i].command, opk_buf_str(&out), opk_str_of(CASES[i].want));
        opk_buf_done(&out);
    }
    opk_redactor_free(redactor);
}

static const struct {
    const char *command;
    const char *secret;
} SECRETS[] = {
    {"docker login -u bob -p Zebra99xq registry.acme.io", "Zebra99xq"},
    {"openssl rsa -in key.pem -passin pass:Zebra99xq -out out.pem", "Zebra99xq"},
    {"openssl pkcs12 -export -in c.pem -passout 'pass:Zebra 99xq' -out o.p12", "Zebra 99xq"},
    {"rabbitmqctl add_user joe Zebra99xq", "Zebra99xq"},
    {"aws configure set aws_secret_access_key Zb9q/ZZxq12Kpq", "Zb9q/ZZxq12Kpq"},
    {"htpasswd -bc /etc/nginx/.htpasswd admin Zebra99xq", "Zebra99xq"},
    {"htpasswd -nb admin Zebra99xq", "Zebra99xq"},
    {"mount -t cifs -o username=joe,password=Zebra99xq,vers=3 //h/s /m", "Zebra99xq"},
    {"az login --service-principal -u app -p Zebra99xq --tenant t", "Zebra99xq"},
    {"unzip -P Zebra99xq a.zip", "Zebra99xq"},
    {"zip -P Zebra99xq a.zip f", "Zebra99xq"},
    {"7z x -pZebra99xq a.7z", "Zebra99xq"},
    {"sqlplus scott/Zebra99xq@orcl", "Zebra99xq"},
    {"sqlplus -S scott/Zebra99xq @run.sql", "Zebra99xq"},
    {"mongosh -u root -p Zebra99xq --authenticationDatabase admin", "Zebra99xq"},
    {"cqlsh -u cassandra -p Zebra99xq", "Zebra99xq"},
    {"ldapsearch -x -D cn=admin -w Zebra99xq -b dc=x", "Zebra99xq"},
    {"ipmitool -I lanplus -H 10.0.0.1 -U root -P Zebra99xq power status", "Zebra99xq"},
    {"wpa_passphrase HomeNet Zebra99xq", "Zebra99xq"},
    {"curl -u joe:Zebra99xq https://h/", "Zebra99xq"},
    {"curl --user 'joe:Zebra 99xq' https://h/", "Zebra 99xq"},
    {"curl -ujoe:Zebra99xq https://h/", "Zebra99xq"},
    {"curl --user=joe:Zebra99xq https://h/", "Zebra99xq"},
    {"wget --user joe --password Zebra99xq https://h/", "Zebra99xq"},
    {"wget --http-password=Zebra99xq https://h/", "Zebra99xq"},
    {"lftp -u joe,Zebra99xq ftp.h", "Zebra99xq"},
    {"vault login hvs.CAESIJ1234567890abcdefghijkl", "hvs.CAESIJ1234567890abcdefghijkl"},
    {"vault login Zebra99xqs.abcd", "Zebra99xqs.abcd"},
    {"vault kv put secret/db password=Zebra99xq", "Zebra99xq"},
    {"helm upgrade x . --set auth.rootPassword=Zebra99xq,auth.user=x", "Zebra99xq"},
    {"ansible-playbook -e \"ansible_become_pass=Zebra99xq\" site.yml", "Zebra99xq"},
    {"ansible all -m user -a \"name=x password=Zebra99xq\"", "Zebra99xq"},
    {"npm config set //registry.npmjs.org/:_authToken Zebra99xqzzzA1B2C3D4",
     "Zebra99xqzzzA1B2C3D4"},
    {"npm config set //registry.npmjs.org/:_authToken=Zebra99xq", "Zebra99xq"},
    {"echo \"//registry.npmjs.org/:_authToken=Zebra99xq\" > .npmrc", "Zebra99xq"},
    {"twine upload -u __token__ -p Zebra99xq dist/*", "Zebra99xq"},
    {"dotnet nuget push a.nupkg -k Zebra99xq -s https://x", "Zebra99xq"},
    {"gradle publish -PnexusPassword=Zebra99xq", "Zebra99xq"},
    {"heroku config:set SECRET_KEY_BASE=8f2b0c9d1e7a4b6c8f2b0c9d1e7a4b6c",
     "8f2b0c9d1e7a4b6c8f2b0c9d1e7a4b6c"},
    {"fly secrets set STRIPE=Zebra99xq", "Zebra99xq"},
    {"echo Zebra99xq | gh auth login --with-token", "Zebra99xq"},
    {"echo Zebra99xq | kinit joe@REALM", "Zebra99xq"},
    {"echo Zebra99xq | sudo -S apt update", "Zebra99xq"},
    {"echo -n 'Zebra99xq' | docker login -u x --password-stdin", "Zebra99xq"},
    {"printf '%s' Zebra99xq | cryptsetup luksOpen /dev/sdb1 x -", "Zebra99xq"},
    {"echo \"root:Zebra99xq\" | sudo chpasswd", "Zebra99xq"},
    {"echo 'Zebra99xq' | passwd --stdin joe", "Zebra99xq"},
    {"usermod -p '$6$abcdefgh$ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef' joe",
     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"},
    {"useradd -m -p $(openssl passwd -6 Zebra99xq) joe", "Zebra99xq"},
    {"BORG_PASSPHRASE=Zebra99xq borg list", "Zebra99xq"},
    {"export RESTIC_PASSWORD=\"Zebra 99xq\"", "Zebra 99xq"},
    {"rclone config create r sftp host h user u pass Zebra99xq", "Zebra99xq"},
    {"mc alias set minio https://h AKEY Zebra99xq", "Zebra99xq"},
    {"swaks --to a@b --auth-user x --auth-password Zebra99xq", "Zebra99xq"},
    {"mosquitto_pub -h h -u u -P Zebra99xq -t t -m m", "Zebra99xq"},
    {"mysql -e \"CREATE USER 'x'@'%' IDENTIFIED BY 'Zebra99xq'\"", "Zebra99xq"},
    {"mysql -e \"ALTER USER root IDENTIFIED WITH mysql_native_password BY 'Zebra99xq';\"",
     "Zebra99xq"},
    {"psql -c \"ALTER USER joe WITH PASSWORD 'Zebra99xq'\"", "Zebra99xq"},
    {"psql -c \"alter role joe password 'Zebra99xq'\"", "Zebra99xq"},
    {"mysql -e \"SET PASSWORD FOR 'x' = PASSWORD('Zebra99xq')\"", "Zebra99xq"},
    {"powershell -c \"ConvertTo-SecureString 'Zebra99xq' -AsPlainText -Force\"", "Zebra99xq"},
    {"$p = ConvertTo-SecureString \"Zebra99xq\" -AsPlainText -Force", "Zebra99xq"},
    {"net use \\\\h\\s Zebra99xq /user:joe", "Zebra99xq"},
    {"cmdkey /add:h /user:joe /pass:Zebra99xq", "Zebra99xq"},
    {"jdbc:postgresql://h/db?user=joe&password=Zebra99xq&ssl=true", "Zebra99xq"},
    {"java -jar a.jar \"jdbc:sqlserver://h;user=sa;password=Zebra99xq;encrypt=true\"", "Zebra99xq"},
    {"sqlcmd \"Server=h;User Id=sa;Password=Zebra99xq;\"", "Zebra99xq"},
    {"redis-cli -u redis://:Zebra99xq@h:6379", "Zebra99xq"},
    {"celery -b amqp://guest:Zebra99xq@h//", "Zebra99xq"},
    {"curl -X POST -d 'user=joe&password=Zebra99xq' https://h/", "Zebra99xq"},
    {"curl -d '{\"user\":\"joe\",\"password\":\"Zebra 99xq\"}' https://h/", "Zebra 99xq"},
    {"curl -d \"{\\\"user\\\":\\\"joe\\\",\\\"password\\\":\\\"Zebra99xq\\\"}\" https://h/",
     "Zebra99xq"},
    {"curl -H \"X-API-Key: Zebra99xq\" https://h/", "Zebra99xq"},
    {"curl -H 'PRIVATE-TOKEN: Zebra99xq' https://h/", "Zebra99xq"},
    {"curl -b 'session=Zebra99xq; a=b' https://h/", "Zebra99xq"},
    {"curl -H 'Cookie: session=Zebra99xq' https://h/", "Zebra99xq"},
    {"curl -H 'Authorization: Zebra99xq' https://h/", "Zebra99xq"},
    {"<password>Zebra99xq</password>", "Zebra99xq"},
    {"echo '<server><password>Zebra99xq</password></server>' > settings.xml", "Zebra99xq"},
    {"ssh joe@h \"mysql -u root -pZebra99xq -e 'select 1'\"", "Zebra99xq"},
    {"ssh joe@h 'echo Zebra99xq | sudo -S reboot'", "Zebra99xq"},
    {"docker exec -it db mysql -uroot -pZebra99xq", "Zebra99xq"},
    {"docker run -e MYSQL_ROOT_PASSWORD=Zebra99xq -d mysql", "Zebra99xq"},
    {"docker run --env \"PASSWORD=Zebra 99xq\" -d mysql", "Zebra 99xq"},
    {"X=$(mysql -u root -pZebra99xq -e 'select 1')", "Zebra99xq"},
    {"for h in a b; do sshpass -p Zebra99xq ssh $h; done", "Zebra99xq"},
    {"if true; then curl -u a:Zebra99xq x; fi", "Zebra99xq"},
    {"echo 'db.h:5432:app:joe:Zebra99xq' >> ~/.pgpass", "Zebra99xq"},
    {"gpg --batch --passphrase Zebra99xq -c f", "Zebra99xq"},
    {"ansible-vault encrypt_string 'Zebra99xq' --name x", "Zebra99xq"},
    {"expect -c 'spawn ssh h; expect \"password:\"; send \"Zebra99xq\\r\"; interact'", "Zebra99xq"},
    {"git config --global credential.helper '!f() { echo password=Zebra99xq; }; f'", "Zebra99xq"},
    {"git clone https://joe:Zebra99xq@h/x.git", "Zebra99xq"},
    {"keytool -list -keystore k -storepass:env X -storepass Zebra99xq", "Zebra99xq"},
    {"snmpwalk -v3 -u joe -l authPriv -a SHA -A Zebra99xq -x AES -X Qwert99yz h", "Qwert99yz"},
    {"$env:DB_PASSWORD = \"Zebra99xq\"", "Zebra99xq"},
    {"$env:DB_PASSWORD=\"Zebra99xq\"; python a.py", "Zebra99xq"},
    {"Invoke-RestMethod -Headers @{ \"X-Api-Key\" = \"Zebra99xq\" } -Uri https://h", "Zebra99xq"},
    {"kubectl create secret generic db --from-literal=pw=Zebra99xq", "Zebra99xq"},
    {"kubectl create secret generic db --from-literal pw=Zebra99xq", "Zebra99xq"},
    {"pulumi config set --secret dbPassword Zebra99xq", "Zebra99xq"},
    {"sudo -u postgres psql -c \"CREATE USER a WITH ENCRYPTED PASSWORD 'Zebra99xq';\"",
     "Zebra99xq"},
    {"smbclient //h/s -U joe%Zebra99xq", "Zebra99xq"},
    {"mysql --user=root --password=Zebra99xq", "Zebra99xq"},
    {"mysql --user root --password Zebra99xq", "Zebra99xq"},
    {"MYSQL_PWD=Zebra99xq mysql -u root", "Zebra99xq"},
    {"proxychains4 crackmapexec smb h -u joe -p Zebra99xq", "Zebra99xq"},
    {"xfreerdp /u:joe /p:Zebra99xq /v:h", "Zebra99xq"},
    {"plink -ssh joe@h -pw Zebra99xq", "Zebra99xq"},
    {"cat <<EOF | kubectl apply -f -\napiVersion: v1\nstringData:\n  password: Zebra99xq\nEOF",
     "Zebra99xq"},
    {"ssh-keygen -t rsa -N 'Zebra99xq' -f k", "Zebra99xq"},
    {"echo '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n-----END "
     "OPENSSH PRIVATE KEY-----' > k",
     "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"},
    {"curl \"https://h/x?access_token=Zebra99xq&b=1\"", "Zebra99xq"},
    {"curl https://hooks.slack.com/services/T00000000/B00000000/XXXXabcdXXXXefghXXXX1234",
     "XXXXabcdXXXXefghXXXX1234"},
    {"tailscale up --authkey Zebra99xq", "Zebra99xq"},
    {"consul kv get -token=Zebra99xq x", "Zebra99xq"},
    {"az sql server create --admin-password Zebra99xq -n x", "Zebra99xq"},
    {"echo $'Zebra99xq' | sudo -S ls", "Zebra99xq"},
    {"sudo bash -c \"echo 'joe:Zebra99xq' | chpasswd\"", "Zebra99xq"},
    {"x=1 mysql -p\"$(echo a)\" -u root; PASSWORD='Zebra'\\''99xq' ./run", "Zebra'\\''99xq"},
    {"influx write -t Zebra99xqTok -o o", "Zebra99xqTok"},
    {"psql \"host=db user=app password=Zebra99xq dbname=x\"", "Zebra99xq"},
    {"psql \"postgresql://app:Zebra99xq@db/x?sslmode=require\"", "Zebra99xq"},
    {"mongosh \"mongodb+srv://app:Zebra99xq@c0.x.net/db\"", "Zebra99xq"},
    {"mysql --defaults-extra-file=<(printf \"[client]\\npassword=Zebra99xq\") -e x", "Zebra99xq"},
    {"python3 -c \"import psycopg2; psycopg2.connect(host='db', password='Zebra99xq')\"",
     "Zebra99xq"},
    {"node -e 'const k = { apiKey: \"Zebra99xqZebra99\" }'", "Zebra99xqZebra99"},
    {"export STRIPE_SECRET_KEY='sk_live_Zebra99xqZebra99xq'", "sk_live_Zebra99xqZebra99xq"},
    {"curl -H \"apikey: Zebra99xq\" https://h", "Zebra99xq"},
    {"curl -H \"X-Auth-Token:Zebra99xq\" https://h", "Zebra99xq"},
    {"http POST h Authorization:\"Bearer Zebra99xqabc\"", "Zebra99xqabc"},
    {"http h X-API-Key:Zebra99xqabc", "Zebra99xqabc"},
    {"curl -X POST https://h/login --data-urlencode \"password=Zebra99xq\"", "Zebra99xq"},
    {"curl --data '{\"client_secret\": \"Zebra99xq\"}' h", "Zebra99xq"},
    {"wget --post-data='user=x&password=Zebra99xq' h", "Zebra99xq"},
    {"docker run -e \"POSTGRES_PASSWORD=Zebra99xq\" postgres", "Zebra99xq"},
    {"docker run --env=POSTGRES_PASSWORD=Zebra99xq postgres", "Zebra99xq"},
    {"docker service create --env REDIS_PASS=Zebra99xq r", "Zebra99xq"},
    {"echo 'Zebra99xq' | docker secret create db_pass -", "Zebra99xq"},
    {"printf 'Zebra99xq' | kubectl create secret generic x --from-file=pw=/dev/stdin", "Zebra99xq"},
    {"ansible-playbook site.yml --extra-vars \"db_password=Zebra99xq\"", "Zebra99xq"},
    {"ansible-playbook site.yml --extra-vars '{\"db_password\":\"Zebra99xq\"}'", "Zebra99xq"},
    {"TF_VAR_db_password=Zebra99xq terraform apply", "Zebra99xq"},
    {"export TF_VAR_token=\"Zebra99xq\"", "Zebra99xq"},
    {"git config --global http.proxy http://u:Zebra99xq@proxy:3128", "Zebra99xq"},
    {"export https_proxy=http://u:Zebra99xq@proxy:3128", "Zebra99xq"},
    {"pip install -i https://__token__:Zebra99xq@pypi.x/simple p", "Zebra99xq"},
    {"scp -o \"ProxyCommand sshpass -p Zebra99xq ssh -W %h:%p j\" f h:", "Zebra99xq"},
    {"rsync -e \"sshpass -p 'Zebra99xq' ssh\" a b", "Zebra99xq"},
    {"sudo sh -c 'echo \"joe:Zebra99xq\" | chpasswd'", "Zebra99xq"},
    {"echo -e \"Zebra99xq\\nZebra99xq\" | passwd joe", "Zebra99xq"},
    {"echo -e \"Zebra99xq\\nZebra99xq\" | smbpasswd -s -a joe", "Zebra99xq"},
    {"yes Zebra99xq | passwd joe", "Zebra99xq"},
    {"passwd joe <<< Zebra99xq", "Zebra99xq"},
    {"docker login -u x --password-stdin <<< \"Zebra99xq\"", "Zebra99xq"},
    {"docker login -u x --password=Zebra99xq", "Zebra99xq"},
    {"aws configure set default.aws_secret_access_key Zebra99xq/x", "Zebra99xq/x"},
    {"AWS_SECRET_ACCESS_KEY=Zebra99xq+x aws s3 ls", "Zebra99xq+x"},
    {"wp core install --admin_password=Zebra99xq --url=x", "Zebra99xq"},
    {"drush site:install --account-pass=Zebra99xq --db-url=mysql://u:Qwert88yz@h/db", "Qwert88yz"},
    {"mysql_secure_installation --password=Zebra99xq", "Zebra99xq"},
    {"createuser joe; psql -c \"ALTER ROLE joe WITH LOGIN PASSWORD 'Zebra99xq'\"", "Zebra99xq"},
    {"psql -c \"\\password\" ; redis-cli CONFIG SET requirepass Zebra99xq", "Zebra99xq"},
    {"redis-cli -p 6379 AUTH default Zebra99xq", "Zebra99xq"},
    {"consul acl token create -secret 0f0c1e2d-3b4a-5968-7786-95a4b3c2d1e0",
     "0f0c1e2d-3b4a-5968-7786-95a4b3c2d1e0"},
    {"vault write auth/userpass/users/joe password=Zebra99xq", "Zebra99xq"},
    {"VAULT_TOKEN=Zebra99xqs vault kv get x", "Zebra99xqs"},
    {"openssl enc -aes-256-cbc -k Zebra99xq -in f", "Zebra99xq"},
    {"openssl enc -aes-256-cbc -pass pass:Zebra99xq -in f", "Zebra99xq"},
    {"openssl req -new -passout=pass:Zebra99xq", "Zebra99xq"},
    {"ffmpeg -i \"rtsp://admin:Zebra99xq@10.0.0.2/s\" o", "Zebra99xq"},
    {"smbclient '//h/s' -U 'joe%Zebra 99xq'", "Zebra 99xq"},
    {"mount -t cifs //h/s /m -o user=joe,pass=Zebra99xq", "Zebra99xq"},
    {"mount.davfs -o username=a,password='Zebra99xq' x y", "Zebra99xq"},
    {"xfreerdp /u:joe /p:'Zebra 99xq' /v:h", "Zebra 99xq"},
    {"evil-winrm -i h -u joe -p 'Zebra99xq'", "Zebra99xq"},
    {"secretsdump.py 'corp/joe:Zebra99xq'@10.0.0.1", "Zebra99xq"},
    {"mosquitto_sub -u x --pw Zebra99xq", "Zebra99xq"},
    {"s3cmd --access_key=x --secret_key=Zebra99xq ls", "Zebra99xq"},
    {"mc alias set m https://h key Zebra99xq --api S3v4", "Zebra99xq"},
    {"mc config host add m https://h key Zebra99xq", "Zebra99xq"},
    {"zip -e -P 'Zebra 99xq' a b", "Zebra 99xq"},
    {"7z a -p\"Zebra 99xq\" -mhe a b", "Zebra 99xq"},
    {"unrar x -pZebra99xq a.rar", "Zebra99xq"},
    {"qpdf --password=Zebra99xq --decrypt a b", "Zebra99xq"},
    {"Set-ADAccountPassword joe -NewPassword (ConvertTo-SecureString -AsPlainText \"Zebra99xq\" "
     "-Force)",
     "Zebra99xq"},
    {"$cred = New-Object PSCredential(\"joe\", (ConvertTo-SecureString 'Zebra99xq' -AsPlainText "
     "-Force))",
     "Zebra99xq"},
    {"schtasks /create /tn x /ru joe /rp Zebra99xq", "Zebra99xq"},
    {"sc.exe config svc obj= joe password= Zebra99xq", "Zebra99xq"},
    {"wmic /user:joe /password:Zebra99xq os get", "Zebra99xq"},
    {"psexec \\\\h -u joe -p Zebra99xq cmd", "Zebra99xq"},
    {"setx API_TOKEN Zebra99xq /M", "Zebra99xq"},
    {"set DB_PASSWORD=Zebra99xq", "Zebra99xq"},
    {"set -gx GITHUB_TOKEN Zebra99xq", "Zebra99xq"},
    {"nmcli con modify wlan wifi-sec.psk \"Zebra 99xq\"", "Zebra 99xq"},
    {"iwctl --passphrase Zebra99xq station wlan0 connect x", "Zebra99xq"},
    {"snmpwalk -v2c -c Zebra99xq h", "Zebra99xq"},
    {"htpasswd -bBc f joe Zebra99xq", "Zebra99xq"},
    {"sonar-scanner -Dsonar.token=Zebra99xq", "Zebra99xq"},
    {"mvn deploy -Dpassword=Zebra99xq", "Zebra99xq"},
    {"keytool -genkey -storepass:x -keypass 'Zebra99xq'", "Zebra99xq"},
    {"heroku config:set JWT_SECRET=Zebra99xq", "Zebra99xq"},
    {"eb setenv SECRET_KEY=Zebra99xq", "Zebra99xq"},
    {"flyctl secrets set A=Zebra99xq B=Qwert88yz", "Qwert88yz"},
    {"gcloud sql users set-password root --password=Zebra99xq", "Zebra99xq"},
    {"az keyvault secret set --vault-name v --name n --value Zebra99xq", "Zebra99xq"},
    {"aws secretsmanager create-secret --name x --secret-string Zebra99xq", "Zebra99xq"},
    {"aws ssm put-parameter --name /db/password --type SecureString --value Zebra99xq",
     "Zebra99xq"},
    {"oc login --token=sha256~Zebra99xqZebra99xqZebra99xqZebra99xqZebra99",
     "sha256~Zebra99xqZebra99xqZebra99xqZebra99xqZebra99"},
    {"kubectl config set-credentials x --token=Zebra99xq", "Zebra99xq"},
    {"argocd login h --username admin --password Zebra99xq", "Zebra99xq"},
    {"helm repo add x https://h --username u --password Zebra99xq", "Zebra99xq"},
    {"helm upgrade x --set-string secrets.apiKey=Zebra99xq", "Zebra99xq"},
    {"cat > ~/.my.cnf <<EOF\n[client]\npassword=\"Zebra99xq\"\nEOF", "Zebra99xq"},
    {"echo \"machine h login u password Zebra99xq\" >> ~/.netrc", "Zebra99xq"},
    {"cat ~/.docker/config.json\n{\"auths\":{\"h\":{\"auth\":\"am9lOlplYnJhOTl4cVplYnJh\"}}}",
     "am9lOlplYnJhOTl4cVplYnJh"},
    {"su - postgres -c \"psql -c \\\"ALTER USER x PASSWORD 'Zebra99xq'\\\"\"", "Zebra99xq"},
    {"ssh h \"export DB_PASS='Zebra99xq'; ./run\"", "Zebra99xq"},
    {"tmux send-keys -t 0 \"mysql -u root -pZebra99xq\" Enter", "Zebra99xq"},
    {"screen -X stuff \"PASSWORD=Zebra99xq ./run\\n\"", "Zebra99xq"},
    {"watch 'curl -u a:Zebra99xq h'", "Zebra99xq"},
    {"nohup sh -c 'redis-cli -a Zebra99xq monitor' &", "Zebra99xq"},
    {"xargs -I{} sshpass -p Zebra99xq ssh {} < hosts", "Zebra99xq"},
    {"find . -exec mysql -pZebra99xq -e {} \\;", "Zebra99xq"},
    {"alias db='mysql -u root -pZebra99xq'", "Zebra99xq"},
    {"crontab -l | { cat; echo \"0 0 * * * mysqldump -pZebra99xq x\"; } | crontab -", "Zebra99xq"},
};

/* The invented secret of each command is gone, and a placeholder tells so. */
static void test_secrets(void **state)
{
    struct opk_redactor *redactor = new_redactor();

    (void)state;
    for (size_t i = 0; i < sizeof(SECRETS) / sizeof(SECRETS[0]); i++) {
        struct opk_buf out = OPK_BUF_EMPTY;
        struct opk_redaction redaction = {0};
        assert_int_equal(
            opk_redact(redactor, opk_str_of(SECRETS[i].command), &out, &redaction, NULL), OPK_OK);
        struct opk_str text = opk_buf_str(&out);
        if (opk_str_find(text, opk_str_of(SECRETS[i].secret), 0) != OPK_NPOS ||
            opk_str_find(text, OPK_STR("<secret:"), 0) == OPK_NPOS || redaction.secrets == 0)
            opk_assert_str(SECRETS[i].command, text, OPK_STR("(without the secret)"));
        opk_buf_done(&out);
    }
    opk_redactor_free(redactor);
}

static const char *const SURVIVORS[] = {
    "docker run -p 8080:80 nginx",
    "ssh -p 22 host",
    "mkdir -p a/b",
    "tar -cvpf x.tar y",
    "git commit -m \"fix token: handle refresh\"",
    "git commit -m \"password: hash it\"",
    "cp -p a b",
    "mysql -u root -p shop",
    "mysql -P 3306 -h db",
    "docker login registry.acme.io",
    "docker login -u bob --password-stdin registry",
    "export PASSWORD_FILE=/run/secrets/x",
    "PASS_MIN_DAYS=90 ./x",
    "kubectl get secrets -n kube-system",
    "echo $TOKEN | docker login -u x --password-stdin",
    "curl -H \"Authorization: Bearer $TOKEN\" https://h/",
    "curl -H \"Authorization: Bearer ${TOKEN}\" https://h/",
    "curl -u \"$USER:$PASS\" https://h/",
    "curl -u $USER:$PASS https://h/",
    "sudo -S -p '' id",
    "openssl rand -base64 32",
    "ssh-keygen -t rsa -N \"\" -f k",
    "ssh-keygen -t rsa -N '' -f k",
    "7z x -y a.7z",
    "grep -r password src/",
    "rg 'token\\s*=' src",
    "sort --key=2 f",
    "sort -k 2 f",
    "git log --author=\"x\" --grep=token",
    "aws s3 cp s3://bucket/key file",
    "python train.py --max_tokens=4096 --tokenizer=gpt2",
    "apt-key adv --keyserver hkp://keyserver.ubuntu.com:80 --recv-keys 9BC5E735",
    "mysql -h db -e \"select password from users\"",
    "SELECT token FROM t WHERE key = 'user_name'",
    "if [ \"$password\" == \"\" ]; then exit 1; fi",
    "if [ -z \"$PASSWORD\" ]; then exit 1; fi",
    "PASSWORD=$(pass show x) ./run",
    "read -rsp \"Enter password: \" PASSWORD",
    "echo \"Enter your password: \"",
    "npm install jsonwebtoken passport bcrypt",
    "vim src/auth/token.ts",
    "cat ~/.ssh/id_rsa.pub",
    "ssh -i ~/.ssh/key.pem ubuntu@1.2.3.4",
    "scp -P 2222 f user@h:/x",
    "git push origin feature/secret-rotation",
    "docker build --secret id=npmrc,src=.npmrc .",
    "gcloud secrets versions access latest --secret=my-secret",
    "aws secretsmanager get-secret-value --secret-id prod/db",
    "vault kv get secret/data/app",
    "vault login -method=github",
    "cd /etc && ls -la passwd shadow",
    "PWD=/tmp ls",
    "git show HEAD:path/to/file",
    "go test ./... -run TestTokenRefresh",
    "cargo test token::tests::expired",
    "docker pull nginx@sha256:1ef898ac29ee03f76b4e5370b97a9ff6d3265f329124c9c3",
    "git checkout 4f2a9c1d8e7b6a5f4e3d2c1b0a9f8e7d6c5b4a39",
    "rsync -avz --password-file=/etc/rsync.pw src dst",
    "ansible-playbook --ask-vault-pass site.yml",
    "ansible-playbook --vault-password-file ~/.vp site.yml",
    "kubectl create secret tls x --cert=a.crt --key=a.key",
    "curl --key k.pem --cert c.pem https://h/",
    "ps aux | grep -i secret",
    "jq '.token' file.json",
    "jq -r '.access_token' < resp.json",
    "export GPG_TTY=$(tty)",
    "eval $(ssh-agent -s)",
    "curl -s http://localhost:8200/v1/auth/token/lookup",
    "systemctl status sshd",
    "find . -name '*secret*' -type f",
    "sed -i 's/password=.*/password=$NEW/' f",
    "awk -F: '{print $1}' /etc/passwd",
    "zip -r a.zip dir",
    "unzip -p a.zip f",
    "net user",
    "net use",
    "su - postgres",
    "echo hi | su - joe -c 'cat'",
    "poetry config virtualenvs.in-project true",
    "bundle config set path vendor/bundle",
    "bundle config set --local without development:test",
    "gh secret list",
    "gh secret set X < file",
    "snmpwalk -v 2c h",
    "git config user.name \"Jane Doe\"",
    "terraform apply -var \"region=eu\"",
    "key=value other=thing ./x",
    "curl 'https://h/?key=users&sort=asc'",
    "npm run build -- --auth=none",
    "AUTH=basic ./x",
    "sig=SIGTERM; kill -s $sig 1",
    "pytest -k \"token and not secret\"",
    "mvn -Dtest=PasswordTest test",
    "helm install x . --set existingSecret=my-secret-name",
    "docker exec -it db psql -U app -p 5432",
    "rake secret",
    "rails credentials:edit",
    "php artisan key:generate",
    "ls --color=auto",
    "fly secrets list",
    "git worktree add ../perl-token main",
    "aws s3api list-objects --starting-token eyJ0b2tlbiI6",
    "helm template x --set tls.privateKey=server.key",
    "fly deploy --build-secret X=1",
    "gpg --export-secret-key 0x1234ABCD | paperkey",
    "aws ssm get-parameter --name /db/password --with-decryption",
    "aws ssm put-parameter --name /app/region --type String --value eu-west-1",
    "az keyvault secret show --name n --vault-name v",
    "echo hello | sudo tee /etc/motd",
    "echo \"deploying\" | kubectl apply -f -",
    "yes | apt install x",
    "kubectl create configmap x --from-literal=a=b",
    "ls -p",
    "rsync -p a b",
    "nc -p 4444 h",
    "iptables -p tcp --dport 22",
    "su joe",
    "passwd joe",
    "curl -b cookies.txt -c cookies.txt h",
    "wget --load-cookies cookies.txt h",
    "ssh -o PasswordAuthentication=no h",
    "sshd -o PasswordAuthentication=yes",
    "git credential-cache exit",
    "export HISTCONTROL=ignorespace",
    "PASSWORD_STORE_DIR=/x pass ls",
    "password-store ls",
    "vim secrets.yaml",
    "cat token.txt",
    "sops -d secrets.enc.yaml",
    "age -d -i key.txt f.age",
    "kubectl get secret x -o jsonpath='{.data.password}' | base64 -d",
    "terraform output -raw db_password",
    "grep -c 'key: value' f.yaml",
    "sort -t: -k2 f",
    "tar --exclude=secret -czf a.tgz .",
    "docker run -p 127.0.0.1:5432:5432 -e POSTGRES_PASSWORD_FILE=/run/secrets/pw postgres",
    "nmap -p 1-1000 h",
    "hydra -l root -P words.txt ssh://h",
    "echo \"TOKEN: $TOKEN\"",
    "echo \"password: ******\"",
    "printf 'Password: '",
    "sshpass -e ssh h",
    "sshpass -f pw.txt ssh h",
    "mysql -uroot -p",
    "mysqldump -u root -p db > f.sql",
    "pg_dump -p 5432 db",
    "redis-cli -p 6379 ping",
    "zip -P",
    "unzip -p a.zip x.txt > y",
    "7z a -p a.7z f",
};

/* Look-alikes come out byte for byte. */
static void test_survivors(void **state)
{
    struct opk_redactor *redactor = new_redactor();

    (void)state;
    for (size_t i = 0; i < sizeof(SURVIVORS) / sizeof(SURVIVORS[0]); i++) {
        struct opk_buf out = OPK_BUF_EMPTY;
        assert_int_equal(opk_redact(redactor, opk_str_of(SURVIVORS[i]), &out, NULL, NULL), OPK_OK);
        opk_assert_str(SURVIVORS[i], opk_buf_str(&out), opk_str_of(SURVIVORS[i]));
        opk_buf_done(&out);
    }
    opk_redactor_free(redactor);
}

/* What was redacted once is not touched again. */
static void test_twice(void **state)
{
    static const char COMMAND[] = "MYSQL_PWD=Zebra99xq mysql -pZebra88xq; curl -u a:Zebra77xq "
                                  "-H 'X-Api-Key: Zebra66xq' https://a:Zebra55xq@h/";
    struct opk_redactor *redactor = new_redactor();
    struct opk_buf once = OPK_BUF_EMPTY;
    struct opk_buf twice = OPK_BUF_EMPTY;
    struct opk_redaction redaction = {0};
    struct opk_redact_finding finding;

    (void)state;
    assert_int_equal(opk_redact(redactor, opk_str_of(COMMAND), &once, &redaction, NULL), OPK_OK);
    assert_int_equal(redaction.secrets, 5);
    assert_int_equal(opk_redact(redactor, opk_buf_str(&once), &twice, &redaction, NULL), OPK_OK);
    opk_assert_str("twice", opk_buf_str(&twice), opk_buf_str(&once));
    assert_int_equal(redaction.secrets, 0);
    assert_int_equal(opk_redact_scan(redactor, opk_buf_str(&once), &finding, NULL), OPK_END);
    opk_buf_done(&once);
    opk_buf_done(&twice);
    opk_redactor_free(redactor);
}

static void test_scan(void **state)
{
    static const struct {
        const char *text;
        const char *rule;
        uint64_t line;
        uint64_t column;
    } CASES[] = {
        {"a: b\n  - command: \"PGPASSWORD=Zebra99xq psql\"\n", "password", 2, 26},
        {"x\ny\nsource: ghp_0123456789abcdefghijABCDEFGHIJ012345\n", "github-token", 3, 9},
        {"command: \"curl -d '{\\\"password\\\":\\\"Zebra99xq\\\"}' h\"\n", "password", 1, 36},
        {"x: login a\ny: password Zebra99xq\n", NULL, 0, 0},
        {"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", "private-key", 1, 1},
        {"slots: {token: {class: text, distinct: 3}}\n", NULL, 0, 0},
        {"shape: \"mysql -p <text>\"\nsignature: \"vault token\"\n", NULL, 0, 0},
        {"", NULL, 0, 0},
    };
    struct opk_redactor *redactor = new_redactor();

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_redact_finding finding = {.rule = ""};
        struct opk_err err = {0};
        opk_assert_status(CASES[i].text,
                          opk_redact_scan(redactor, opk_str_of(CASES[i].text), &finding, &err),
                          CASES[i].rule ? OPK_OK : OPK_END, &err);
        opk_assert_str(CASES[i].text, opk_str_of(finding.rule), opk_str_of(CASES[i].rule));
        assert_int_equal(finding.line, CASES[i].line);
        assert_int_equal(finding.column, CASES[i].column);
    }
    opk_redactor_free(redactor);
}

/* A text of the limit is redacted, one byte more is refused and nothing is appended. */
static void test_limit(void **state)
{
    struct opk_redactor *redactor = new_redactor();
    char *text = malloc(OPK_REDACT_TEXT_MAX + 1);
    struct opk_buf out = OPK_BUF_EMPTY;

    (void)state;
    assert_non_null(text);
    memset(text, 'a', OPK_REDACT_TEXT_MAX + 1);
    assert_int_equal(
        opk_redact(redactor, opk_str_bytes(text, OPK_REDACT_TEXT_MAX), &out, NULL, NULL), OPK_OK);
    assert_int_equal(out.len, OPK_REDACT_TEXT_MAX);
    opk_buf_clear(&out);
    assert_int_equal(
        opk_redact(redactor, opk_str_bytes(text, OPK_REDACT_TEXT_MAX + 1), &out, NULL, NULL),
        OPK_E_LIMIT);
    assert_int_equal(out.len, 0);
    opk_buf_done(&out);
    /* Refused by its length alone: no such text is needed. */
    struct opk_redact_finding finding;
    assert_int_equal(
        opk_redact_scan(redactor, opk_str_bytes(text, OPK_REDACT_SCAN_MAX + 1), &finding, NULL),
        OPK_E_LIMIT);
    free(text);
    opk_redactor_free(redactor);
}

/* Scripts in scripts are read to the limit; deeper ones are told as opaque. */
static void test_depth(void **state)
{
    struct opk_redactor *redactor = new_redactor();

    (void)state;
    for (size_t depth = OPK_REDACT_DEPTH_MAX; depth <= OPK_REDACT_DEPTH_MAX + 1; depth++) {
        struct opk_buf text = OPK_BUF_EMPTY;
        struct opk_buf out = OPK_BUF_EMPTY;
        struct opk_redaction redaction = {0};
        for (size_t i = 0; i < depth; i++)
            opk_buf_append_cstr(&text, "echo $(");
        opk_buf_append_cstr(&text, "mysql -pZebra99xq");
        opk_buf_append_fill(&text, ')', depth);
        assert_int_equal(opk_redact(redactor, opk_buf_str(&text), &out, &redaction, NULL), OPK_OK);
        assert_int_equal(redaction.opaque, depth > OPK_REDACT_DEPTH_MAX);
        assert_int_equal(redaction.secrets, depth > OPK_REDACT_DEPTH_MAX ? 0 : 1);
        opk_buf_done(&text);
        opk_buf_done(&out);
    }
    opk_redactor_free(redactor);
}

/* What could not be read is told, but not of prose in quotes. */
static void test_opaque(void **state)
{
    static const struct {
        const char *command;
        bool opaque;
    } CASES[] = {
        {"git commit -m \"it's done\"", false},
        {"git commit -m 'never ends", true},
        {"bash -c \"echo it's\"", true},
        {"ssh h \"echo it's\"", true},
        {"echo $(echo 'x)", true},
        {"echo a", false},
    };
    struct opk_redactor *redactor = new_redactor();

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf out = OPK_BUF_EMPTY;
        struct opk_redaction redaction = {0};
        assert_int_equal(opk_redact(redactor, opk_str_of(CASES[i].command), &out, &redaction, NULL),
                         OPK_OK);
        if (redaction.opaque != CASES[i].opaque)
            opk_assert_str(CASES[i].command, OPK_STR(""), OPK_STR("opaque"));
        opk_buf_done(&out);
    }
    opk_redactor_free(redactor);
}

/* Texts made to be looked at again and again are given up, and soon. */
static void test_work(void **state)
{
    static const char *const PARTS[] = {
        "password=.*", "Cookie: $", "sk-",       "eyJ-",    "user a ",      "a:1:b:c:.pgpass",
        "`",           "$(\"",      "mysql -p ", "<token>", "PW=Zebra99xq "};
    struct opk_redactor *redactor = new_redactor();

    (void)state;
    for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
        struct opk_buf text = OPK_BUF_EMPTY;
        struct opk_buf out = OPK_BUF_EMPTY;
        while (text.len < (size_t)256 * 1024)
            opk_buf_append_cstr(&text, PARTS[i]);
        struct opk_str part = opk_str_slice(opk_buf_str(&text), 0, (size_t)64 * 1024);
        enum opk_status status = opk_redact(redactor, part, &out, NULL, NULL);
        assert_true(status == OPK_OK || status == OPK_E_LIMIT);
        status = opk_redact(redactor, opk_buf_str(&text), &out, NULL, NULL);
        assert_true(status == OPK_OK || status == OPK_E_LIMIT);
        if (i == 0)
            assert_int_equal(status, OPK_E_LIMIT);
        opk_buf_done(&text);
        opk_buf_done(&out);
    }
    opk_redactor_free(redactor);
}

/* A pattern is compiled when a text may match it: none may wait for that to be found wrong. */
static void test_patterns(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPK_REDACT_SHAPE_COUNT; i++) {
        const struct opk_redact_shape *row = &OPK_REDACT_SHAPES[i];
        struct opk_regex *regex = NULL;
        struct opk_err err;
        opk_assert_status(row->label, opk_regex_new(opk_str_of(row->pattern), 0, &regex, &err),
                          OPK_OK, &err);
        opk_regex_free(regex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output),    cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_survivors), cmocka_unit_test(test_twice),
        cmocka_unit_test(test_scan),      cmocka_unit_test(test_limit),
        cmocka_unit_test(test_depth),     cmocka_unit_test(test_opaque),
        cmocka_unit_test(test_work),      cmocka_unit_test(test_patterns),
    };

    return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
