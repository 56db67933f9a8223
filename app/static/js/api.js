/* Starts the viewer of the interface; its own words are English only, so they are put into Chinese
   as they appear. Nothing is loaded from outside: no validator, no font. */
(function () {
  "use strict";

  const place = document.getElementById("api-description");
  if (!place || !window.SwaggerUIBundle) { return; }
  const words = {
    "Authorize": "填写令牌", "Available authorizations": "填写令牌", "Authorized": "已填写",
    "Close": "关闭", "Logout": "清除", "Value:": "令牌：", "Parameters": "参数",
    "No parameters": "无参数", "Name": "名称", "Description": "说明", "Responses": "应答",
    "Response": "应答", "Code": "状态码", "Links": "链接", "No links": "无", "Media type": "格式",
    "Example Value": "示例", "Schema": "结构", "Model": "结构", "Request body": "请求内容",
    "required": "必填", "Try it out": "试用", "Cancel": "取消", "Reset": "重置",
    "Execute": "发送", "Clear": "清空", "Curl": "命令行示例", "Request URL": "请求地址",
    "Server response": "服务器应答", "Details": "内容", "Response body": "应答内容",
    "Response headers": "应答头", "Download": "下载", "Copy": "复制",
    "Send empty value": "发送空值", "Undocumented": "未说明", "Loading...": "正在载入…",
    "LOADING": "正在载入…", "(query)": "（查询参数）", "(path)": "（地址中）",
    "(header)": "（请求头）", "query": "查询参数", "path": "地址中", "header": "请求头",
    "Controls": "由", "Accept": "接受格式", "header.": "请求头决定。", "string": "文本",
    "integer": "整数", "number": "数", "boolean": "是否", "object": "对象", "array": "列表",
    "($date)": "（日期）", "($date-time)": "（时间）", "($password)": "（口令）",
    "token": "令牌", "(http, Bearer)": "（随请求头发送）", "Errors": "错误", "Hide": "收起",
    "cases": "反映事项", "moves": "办理", "slips": "事项交办单", "units": "窗口（科室）",
    "figures": "指标", "openapi": "接口说明", "Failed to fetch.": "未能连接服务器。",
    "Possible Reasons:": "可能的原因：", "Network Failure": "网络不通",
  };
  const starts = {
    "Available values : ": "可选值：", "Default value : ": "默认值：", "Example : ": "示例：",
    "maximum: ": "最大", "minimum: ": "最小", "maxLength: ": "最长", "minLength: ": "最短",
    "pattern: ": "格式：", "nullable: true": "可为空", "uniqueItems: true": "不重复",
    "maxItems: ": "最多", "additionalProperties: false": "没有其他字段",
  };

  function inChinese(text) {
    const plain = text.trim();
    if (Object.prototype.hasOwnProperty.call(words, plain)) { return words[plain]; }
    const start = Object.keys(starts).find((known) => plain.startsWith(known.trim()));
    return start ? starts[start] + plain.slice(start.trim().length).trim() : null;
  }

  function isCode(node) {
    return Boolean(node.parentElement && node.parentElement.closest("pre, code, textarea, .microlight, .opblock-summary-path, .parameter__name, .curl-command, .prop-name"));
  }

  function translate(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = isCode(node) ? null : inChinese(node.nodeValue);
      if (text !== null && text !== node.nodeValue) { node.nodeValue = text; }
    }
    root.querySelectorAll("input[placeholder]").forEach((box) => { box.placeholder = ""; });
  }

  place.textContent = "";
  new MutationObserver(() => translate(place))
    .observe(place, { childList: true, subtree: true, characterData: true });
  window.SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    deepLinking: false,
    validatorUrl: null,
    requestSnippetsEnabled: false,
  });
})();
