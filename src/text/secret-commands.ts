/*
 * Secrets in command lines and environments: where programs of the trade take them. Group one stays, group two goes.
 */

/** Wherever such a command is quoted. `identified by 'x'`, a .netrc, `curl -u user:x`, `sshpass -p x`, `ipmitool -P x`. */
export const QUOTED_COMMAND_FORMS: readonly RegExp[] = [
  /(\bidentified\s{1,4}(?:with\s{1,4}\w{1,40}\s{1,4})?(?:by|as)\s{1,4}(?:password\s{1,4})?)('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S{1,500})/gi,
  /(\b(?:login|user)\s{1,4}\S{1,100}\s{1,4}(?:password|account)\s{1,4})(\S+)/gi,
  /((?:^|\s)(?:-u|--user|--proxy-user)[ =]{1,3}["']?[^\s:"']{1,100}:)([^\s"']+)/gim,
  /(\bsshpass\s{1,4}-p\s{0,4})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/gi,
  /(\b(?:mysql|mysqldump|mariadb|mariadb-dump|mysqladmin)\b[^\n|;]{0,100}?\s-p)([^\s-]\S*)/gi,
  /(\bredis-cli\b[^\n|;]{0,100}?\s-a\s{1,3})(\S+)/gi,
  /(\b[\w.-]{1,64}:)([^\s"']{1,200})(?=["']?\s{0,4}\|\s{0,4}(?:sudo\s{1,3})?chpasswd)/gi,
  /(\b(?:ipmitool|ipmipower|sqlcmd|mosquitto_[ps]ub|zip|unzip|impacket-\w{1,20})\b[^\n|;]{0,200}?\s-P\s{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\b(?:(?:docker|podman|helm registry|oc|az|bw)\s{1,3}login|7z[ar]?|rar|unrar)\b[^\n|;]{0,200}?\s-p\s{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\bldap(?:search|modify|add|delete|passwd|whoami)\b[^\n|;]{0,200}?\s-w\s{0,3})('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S+)/g,
  /(\b(?:smbclient|rpcclient|smbget|net)\b[^\n|;]{0,200}?\s(?:-U|--user)[ =]{0,3}[^\s%]{1,100}%)(\S+)/g,
  /(\b[wx]freerdp\d?\b[^\n|;]{0,200}?\s\/p:)(\S+)/gi,
  // QEMU's secret objects.
  /(\bsecret\b[^\s\n]{0,200}?,data=)([^\s,]+)/gi,
];

/** In command lines and environments: names that end with what means a secret there, and the data of any object. */
export const COMMAND_FORMS: readonly RegExp[] = [
  /((?<![\p{L}\p{N}])[\w.-]{0,60}?(?:pass|pwd?|pw|secret|token|key|auth|cred|creds|credentials|salt|pepper|seed|dsn|license|cookie|pin)(?:_\d{1,3})?=)(?!\(secret)("[^"\n]{1,2000}"?|'[^'\n]{1,2000}'?|[^\s,\p{Cc}]+)/giu,
];
