/*
 * Secrets in command lines and environments of common programs. Group one stays, group two is replaced.
 */

/** Commands quoted anywhere: `identified by 'x'`, a .netrc, `curl -u user:x`, `sshpass -p x`, `ipmitool -P x`. */
export const QUOTED_COMMAND_FORMS: readonly RegExp[] = [
  /(\bidentified\s{1,4}(?:with\s{1,4}\w{1,40}\s{1,4})?(?:by|as)\s{1,4}(?:password\s{1,4})?)('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S{1,500})/gi,
  /(\b(?:login|user)\s{1,4}\S{1,100}\s{1,4}(?:password|account)\s{1,4})(?!(?:from|is|in|on|at|see|via|by|and|or|must|for|to|with|not|was|will|has|can|of)\b)(\S+)/gi,
  /((?:^|\s)(?:-u[ =]{0,3}|--(?:proxy-)?user[ =]{1,3})["']?[^\s:"']{1,100}:)(?!\d{1,6}(?:\s|$))([^\s"']+)/gim,
  /(\bsshpass\s{1,4}-p\s{0,4})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/gi,
  /(\b(?:mysql|mysqldump|mariadb|mariadb-dump|mysqladmin)\b[^\n|;]{0,100}?\s-p)([^\s-]\S*)/gi,
  /(\bredis-cli\b[^\n|;]{0,100}?\s-a\s{1,3})(\S+)/gi,
  /(\b[\w.-]{1,64}:)([^\s"']{1,200})(?=["']?\s{0,4}\|\s{0,4}(?:sudo\s{1,3})?chpasswd)/gi,
  /(\b(?:ipmitool|ipmipower|sqlcmd|osql|bcp|tsql|isql|ssh-keygen|mosquitto_[ps]ub|zip|unzip|impacket-\w{1,20})\b[^\n|;]{0,200}?\s-P\s{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\b(?:(?:docker|podman|helm registry|oc|az|bw)\s{1,3}login|7z[ar]?|rar|unrar)\b[^\n|;]{0,200}?\s-p\s{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\bldap(?:search|modify|add|delete|passwd|whoami)\b[^\n|;]{0,200}?\s-w\s{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\b(?:smbclient|rpcclient|smbget|net)\b[^\n|;]{0,200}?\s(?:-U|--user)[ =]{0,3}[^\s%]{1,100}%)(\S+)/g,
  /(\b[wx]freerdp\d?\b[^\n|;]{0,200}?\s\/p:)(\S+)/gi,
  /(\b(?:mongo(?:sh|dump|restore|export|import)?|influx|cqlsh|putty|plink|pscp|psftp|rdesktop|vncviewer|mosquitto_\w{3}|ncftp\w{0,3}|kinit|veracrypt|racadm|upsrw|upscmd|fence_\w{1,20})\b[^\n|;]{0,200}?\s-{1,2}(?:pw|p|pass)[ =]{1,3})(?!\d{1,5}(?:\s|$))('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\bopenssl\b[^\n|;]{0,200}?\s-k\s{1,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\b(?:echo|printf)\s{1,4}(?:-\w\s{1,3}|["']?%s(?:\\n)?["']?\s{1,3})?)('[^'\n]{1,500}'|"[^"\n]{1,500}"|[^\s|]{1,500})(?=\s{0,4}\|\s{0,4}(?:sudo\s{1,3})?(?:-S|passwd|su|cryptsetup|zfs load-key|kinit|gpg|openssl|docker|podman|mount|smbpasswd|base64)\b)/g,
  /(\bnet\s{1,3}user\s{1,3}[\w.@\\-]{1,60}\s{1,3})(?!\/)(\S+)/gi,
  /(\brootpw\s{1,4}(?:--?\w{1,20}\s{1,4}){1,3})(?!-)(\S+)/g,
  /(\b(?:set_password|expire_password|change)\s{1,3}(?:vnc|spice)\s{1,3}(?:password\s{1,3})?)([^\s:]+)/g,
  /(\bredis-cli\b[^\n|;]{0,100}?\s--pass[ =]{1,3})(\S+)/gi,
  /(\bsnmp\w{2,12}\b[^\n|;]{0,300}?\s-A[ ]{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\bsnmp\w{2,12}\b[^\n|;]{0,300}?\s-X[ ]{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\bsnmp\w{2,12}\b[^\n|;]{0,200}?\s-c[ ]{0,3})(?!(?:public|private)\b)('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\b(?:nsupdate|dig)\b[^\n|;]{0,200}?\s-y[ ]{0,3}(?:[\w-]{1,20}:)?[\w.-]{1,80}:)(\S+)/g,
  /(\bhtpasswd\s{1,4}-\w{0,6}b\w{0,6}\s{1,4}\S{1,200}\s{1,4}\S{1,100}\s{1,4})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\b(?:cryptsetup|zfs|\w{0,4}passwd|sudo|su|gpg|openssl|kinit|ssh-add|mount|veracrypt|docker|podman|pve\w{1,8}|proxmox-\S{1,20})\b[^\n|;]{0,200}?<<<\s{0,3})('[^']{1,500}'?|"[^"]{1,500}"?|\S+)/g,
  /(\bmc\s{1,3}(?:alias\s{1,3}set|config\s{1,3}host\s{1,3}add)\s{1,3}\S{1,80}\s{1,3}\S{1,200}\s{1,3}\S{1,100}\s{1,3})(\S+)/g,
  /(\b(?:psexec\w{0,4}|wmic|winexe|evil-winrm|crackmapexec|nxc|schtasks|sshuttle|vncdo|mstsc)\b[^\n|;]{0,200}?\s[-/](?:p|rp|password)[ :]{1,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/gi,
  /(\bnet\s{1,3}use\b[^\n|;]{0,200}?\s\/user:\S{1,80}\s{1,3})(?!\/)(\S+)/gi,
  /(\bnet\s{1,3}use\s{1,3}(?:\S{1,3}:?\s{1,3})?\\\\\S{1,200}\s{1,3})(?!\/)(\S+)(?=\s{1,3}\/user:)/gi,
  /(\b(?:qm\s{1,3}guest\s{1,3}passwd\s{1,3}\d{1,9}|pct\s{1,3}exec[^\n|;]{1,80}\spasswd)\s{1,3}[\w.-]{1,60}\s{1,3})(?!-)(\S+)/gi,
  // Anything that takes a user and a password by single-letter options.
  /((?<!\b(?:mysql|mariadb)\w{0,20}[^\n|;]{0,100})\s-(?:u|l|U)[ =]{0,2}[^\s-]\S{0,60}(?:\s[^\n|;]{0,80}?)?\s-p[ =]{0,2})(?!\d{1,5}(?:[:/]\d|\s|$)|[-/])(\S{4,})/g,
  /(\bssh-keygen\b[^\n|;]{0,200}?\s-N[ ]{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|[^\s'"]\S*)/g,
  /(\b(?:rar|unrar|7z[ar]?)\b[^\n|;]{0,200}?\s-hp)(\S+)/g,
  /(\bqpdf\b[^\n|;]{0,200}?\s--encrypt\s{1,3})(\S+\s{1,3}\S+)/g,
  /(\b(?:connect|conn|sqlplus)\s{1,3}(?:-\w\s{1,3})?[\w.$#]{1,60}\/)([^\s@"]{1,200})/gi,
  /(\bisql\s{1,3}(?:-\w\s{1,3})?[\w.-]{1,60}\s{1,3}[^\s-]\S{0,60}\s{1,3})([^\s-]\S*)/g,
  /(\.auth\(\s{0,3}["'][^"'\n]{1,80}["']\s{0,3},\s{0,3}["'])([^"'\n]{1,200})/g,
  /(\brabbitmqctl\b[^\n|;]{0,100}?\s(?:add_user|change_password|authenticate_user)\s{1,3}\S{1,60}\s{1,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /((?<!\S)-setcookie\s{1,3})(\S+)/g,
  /(\bNEO4J_AUTH\s{0,3}[:=]\s{0,3}["']?\w{1,40}\/)([^\s"']+)/g,
  /(\bsmbclient\s{1,3}\S{1,200}\s{1,3})([^\s-]\S*)(?=\s{1,3}-U)/g,
  /(\buser(?:name)?=[\w.@\\-]{1,60}%)([^\s,]+)/gi,
  /(\blftp\b[^\n|;]{0,100}?\s-u\s{0,3}[^\s,]{1,60},)(\S+)/g,
  /(\bcurl\b[^\n|;]{0,200}?\s(?:-b|--cookie)[ =]{0,3}["']?[\w.-]{1,60}=)([^\s"';]+)/g,
  /(\bcurl\b[^\n|;]{0,200}?\s(?:-E|--cert)[ =]{0,3}["']?[^\s:"']{1,200}:)([^\s"']+)/g,
  /(--from-literal[= ][\w.-]{1,100}=)('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  // Configuration commands of switches and firewalls.
  /(\bauth\s{1,3}(?:md5|sha\d{0,3})\s{1,3})(\S+)(?=(?:\s{1,3}priv\b|\s{0,3}$|\s{0,3}\n))/gi,
  /(\bpriv\s{1,3}(?:des|3des|aes)(?:\s{1,3}\d{3})?\s{1,3})(?!\d{3}\s)(\S{4,})/gi,
  /(\sENC\s{1,3})(\S{8,})/g,
  // The code a phone scans to join a network.
  /(\bWIFI:(?:[THSRE]\d?:(?:\\.|[^;\n]){0,80};){1,6}P:)((?:\\.|[^;\n]){1,200})/g,
  // QEMU's secret objects.
  /(\bsecret\b[^\s\n]{0,200}?,data=)([^\s,]+)/gi,
];

/** In command lines and environments: names that end with a word for a secret, and the data of any object. */
export const COMMAND_FORMS: readonly RegExp[] = [
  /((?<![\p{L}\p{N}])[\w.-]{0,60}?(?:pass|pwd?|pw|secret|token|key|auth|cred|creds|credentials|salt|pepper|seed|dsn|license|cookie|pin)(?:_\d{1,3})?=)(?!\(secret)("[^"\n]{1,2000}"?|'[^'\n]{1,2000}'?|[^\s,\p{Cc}]+)/giu,
];
