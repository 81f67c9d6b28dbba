/*
 * Secrets in command lines and environments: where programs of the trade take them. Group one stays, group two goes.
 */

/** Wherever such a command is quoted. `identified by 'x'`, a .netrc, `curl -u user:x`, `sshpass -p x`, `ipmitool -P x`. */
export const QUOTED_COMMAND_FORMS: readonly RegExp[] = [
  /(\bidentified\s{1,4}(?:with\s{1,4}\w{1,40}\s{1,4})?(?:by|as)\s{1,4}(?:password\s{1,4})?)('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S{1,500})/gi,
  /(\b(?:login|user)\s{1,4}\S{1,100}\s{1,4}(?:password|account)\s{1,4})(\S+)/gi,
  /((?:^|\s)(?:-u[ =]{0,3}|--(?:proxy-)?user[ =]{1,3})["']?[^\s:"']{1,100}:)(?!\d{1,6}(?:\s|$))([^\s"']+)/gim,
  /(\bsshpass\s{1,4}-p\s{0,4})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/gi,
  /(\b(?:mysql|mysqldump|mariadb|mariadb-dump|mysqladmin)\b[^\n|;]{0,100}?\s-p)([^\s-]\S*)/gi,
  /(\bredis-cli\b[^\n|;]{0,100}?\s-a\s{1,3})(\S+)/gi,
  /(\b[\w.-]{1,64}:)([^\s"']{1,200})(?=["']?\s{0,4}\|\s{0,4}(?:sudo\s{1,3})?chpasswd)/gi,
  /(\b(?:ipmitool|ipmipower|sqlcmd|mosquitto_[ps]ub|zip|unzip|impacket-\w{1,20})\b[^\n|;]{0,200}?\s-P\s{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\b(?:(?:docker|podman|helm registry|oc|az|bw)\s{1,3}login|7z[ar]?|rar|unrar)\b[^\n|;]{0,200}?\s-p\s{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\bldap(?:search|modify|add|delete|passwd|whoami)\b[^\n|;]{0,200}?\s-w\s{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\b(?:smbclient|rpcclient|smbget|net)\b[^\n|;]{0,200}?\s(?:-U|--user)[ =]{0,3}[^\s%]{1,100}%)(\S+)/g,
  /(\b[wx]freerdp\d?\b[^\n|;]{0,200}?\s\/p:)(\S+)/gi,
  /(\b(?:mongo(?:sh|dump|restore|export|import)?|influx|cqlsh|putty|plink|pscp|psftp|rdesktop|vncviewer|mosquitto_\w{3}|ncftp|kinit)\b[^\n|;]{0,200}?\s-{1,2}(?:pw|p|pass)[ =]{1,3})(?!\d{1,5}(?:\s|$))('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\bopenssl\b[^\n|;]{0,200}?\s-k\s{1,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\b(?:echo|printf)\s{1,4}(?:-\w\s{1,3}|%s\s{1,3})?)('[^'\n]{1,500}'|"[^"\n]{1,500}"|[^\s|]{1,500})(?=\s{0,4}\|\s{0,4}(?:sudo\s{1,3})?(?:-S|passwd|su|cryptsetup|kinit|gpg|openssl|docker|podman|mount|smbpasswd)\b)/g,
  /(\bnet\s{1,3}user\s{1,3}[\w.@\\-]{1,60}\s{1,3})(?!\/)(\S+)/gi,
  /(\brootpw\s{1,4}(?:--?\w{1,20}\s{1,4}){1,3})(?!-)(\S+)/g,
  /(\b(?:set_password|expire_password|change)\s{1,3}(?:vnc|spice)\s{1,3}(?:password\s{1,3})?)([^\s:]+)/g,
  // What a phone reads to join a network.
  /(\bWIFI:(?:[THSRE]\d?:(?:\\.|[^;\n]){0,80};){1,6}P:)((?:\\.|[^;\n]){1,200})/g,
  // QEMU's secret objects.
  /(\bsecret\b[^\s\n]{0,200}?,data=)([^\s,]+)/gi,
];

/** In command lines and environments: names that end with what means a secret there, and the data of any object. */
export const COMMAND_FORMS: readonly RegExp[] = [
  /((?<![\p{L}\p{N}])[\w.-]{0,60}?(?:pass|pwd?|pw|secret|token|key|auth|cred|creds|credentials|salt|pepper|seed|dsn|license|cookie|pin)(?:_\d{1,3})?=)(?!\(secret)("[^"\n]{1,2000}"?|'[^'\n]{1,2000}'?|[^\s,\p{Cc}]+)/giu,
];
