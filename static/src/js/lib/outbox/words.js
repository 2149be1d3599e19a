// The words of the queue come translated from the page (templates/worker/_sync_words.html).
export function word(name, number = '') {
  const said = document.querySelector('[data-sync-words]')?.dataset[name] || '';
  return said.replace('%n', number);
}

export const clock = (when) => new Date(when).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });

/** A time of today, with the day where it is another. */
export function moment(when) {
  const day = new Date(when);
  return day.toDateString() === new Date().toDateString() ? clock(day) : `${day.getMonth() + 1}月${day.getDate()}日 ${clock(day)}`;
}
