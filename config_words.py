"""Why a setting is refused, for the person who starts the server."""

NO_SECRET_KEY = """\
没有会话密钥，正式办公系统不能启动。任选一种办法：
  1. 运行 flask --app run setup，安装时自动生成；
  2. 自行生成后写入环境变量 BANJIE_SECRET_KEY：
     python -c "import secrets; print(secrets.token_urlsafe(48))"
密钥须保密，更换后所有人需重新登录。"""
WEAK_SECRET_KEY = """\
BANJIE_SECRET_KEY {why}，正式办公系统不能启动。请重新生成：
  python -c "import secrets; print(secrets.token_urlsafe(48))"
密钥须保密，更换后所有人需重新登录。"""
SHORT, EASY = "太短（至少 32 个字符）", "容易被猜到（字符重复、连续，或含示例文字）"
DEMO_LOOPBACK = "演示模式只在本机使用，BANJIE_HOST 只能是 127.0.0.1、localhost 或 ::1。"
NO_HOSTS = """\
正式办公系统给其他电脑使用的（BANJIE_HOST 不是本机地址，或设了 BANJIE_PROXIES），
须写明用哪些名称访问，其他名称一律不应答，以防伪造的网址：
  BANJIE_HOSTS=banjie.example.gov.cn,10.0.0.8
写浏览器地址栏里的域名或 IP，不带 http:// 和端口，多个用逗号分开。"""
NO_DATA_KEY = """\
没有数据密钥，正式办公系统不能启动：反映人电话须加密保存。任选一种办法：
  1. 运行 flask --app run keys make，生成密钥文件 {path}；
  2. 自行生成后写入环境变量 BANJIE_DATA_KEY：
     python -c "import secrets; print(secrets.token_urlsafe(48))"
密钥须与数据库分开另行备份；密钥一旦丢失，已登记的电话号码再也无法读出。"""
WEAK_DATA_KEY = """\
数据密钥太弱：每个密钥至少 32 个字符，且不得是简单重复。请用下列命令另行生成：
  python -c "import secrets; print(secrets.token_urlsafe(48))"
密钥须与数据库分开另行备份；密钥一旦丢失，已登记的电话号码再也无法读出。"""
WRONG_DATA_KEY = """\
数据密钥与数据库不符：库中的电话号码是用另一个密钥加密的，为避免新旧混杂，系统不启动。
请把原来的密钥放回 {path}，或写入环境变量 BANJIE_DATA_KEY。
不要为此新生成密钥：那样已登记的电话号码再也无法读出。"""
BAD_VALUE = "环境变量 {name} 的值 {value!r} 不能识别。"
NO_SENDER = "已设置 BANJIE_SMTP_HOST，还须设置发件地址 BANJIE_MAIL_FROM，如 notice@example.cn。"
BAD_WEBHOOK = "BANJIE_WEBHOOK_URL 须以 http:// 或 https:// 开头。"
SHORT_WEBHOOK_SECRET = "已设置 BANJIE_WEBHOOK_URL，BANJIE_WEBHOOK_SECRET 至少 32 个字符。"
NO_CA_FILE = "BANJIE_CA_FILE 指定的证书文件不存在：{path}"
BAD_BASE_URL = "BANJIE_BASE_URL 须以 http:// 或 https:// 开头，如 https://banjie.example.cn。"
