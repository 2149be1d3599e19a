// 说话 and 录像: recorded in the browser at a low rate, so that a minute of speech is 240 kB and one of video under 5 MB. Where the
// browser cannot record, or is not allowed to, the phone's own recorder or a stored file is taken. Sending while it
// still records ends the recording and sends it along.
const SPEECH = { echoCancellation: true, noiseSuppression: true, channelCount: 1 };
const KINDS = {
  audio: {
    devices: { audio: SPEECH },
    rates: { audioBitsPerSecond: 32_000 },
    types: ['audio/webm;codecs=opus', 'audio/webm', 'audio/mp4'],
  },
  video: {
    devices: { audio: SPEECH, video: { facingMode: 'environment', width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 24 } } },
    rates: { audioBitsPerSecond: 32_000, videoBitsPerSecond: 600_000 },
    types: ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'],
  },
};

const TWICE = 800; // ms

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

function setUp(box) {
  const part = (name) => box.querySelector(`[data-recording-${name}]`);
  const input = box.querySelector('input[type=file]');
  const form = input.form;
  const say = part('say');
  const view = part('view');
  const heard = part('heard');
  const longest = Number(box.dataset.recordingLongest) || 180;
  let recorder = null;
  let asking = false; // for the microphone
  let since = 0;
  let timer = 0;
  let address = '';

  const put = (file) => {
    const bag = new DataTransfer();
    if (file) bag.items.add(file);
    input.files = bag.files;
    if (address) URL.revokeObjectURL(address);
    address = file ? URL.createObjectURL(file) : '';
    heard.hidden = !file;
    const player = heard.querySelector('[data-recording-player]');
    player.replaceChildren();
    if (!file) return;
    const media = document.createElement(file.type.startsWith('video/') ? 'video' : 'audio');
    media.controls = true;
    media.playsInline = true;
    media.src = address;
    player.append(media);
  };

  const pressed = (button, on) => {
    box.querySelectorAll('[data-recording-go]').forEach((other) => {
      other.hidden = on && other !== button;
    });
    button.setAttribute('aria-pressed', String(on));
    const word = button.querySelector('span');
    if (on) word.dataset.before = word.textContent;
    word.textContent = on ? box.dataset.recordingStop : word.dataset.before;
  };

  const pick = (kind) => {
    input.accept = `${kind}/*`;
    input.capture = kind === 'video' ? 'environment' : 'user';
    input.click();
  };

  async function begin(kind, button) {
    const { devices, rates, types } = KINDS[kind];
    const type = window.MediaRecorder && types.find((each) => MediaRecorder.isTypeSupported(each));
    if (!type || !navigator.mediaDevices?.getUserMedia) {
      pick(kind);
      return;
    }
    button.setAttribute('aria-busy', 'true');
    asking = true;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia(devices);
    } catch {
      say.textContent = box.dataset.recordingDenied;
      part('file').hidden = false;
      return;
    } finally {
      button.removeAttribute('aria-busy');
      asking = false;
    }
    const chunks = [];
    const started = Date.now();
    since = started;
    recorder = new MediaRecorder(stream, { mimeType: type, ...rates });
    recorder.addEventListener('dataavailable', ({ data }) => { if (data.size) chunks.push(data); });
    recorder.finished = new Promise((done) => {
      recorder.addEventListener('stop', () => {
        stream.getTracks().forEach((track) => track.stop());
        clearInterval(timer);
        view.hidden = true;
        view.srcObject = null;
        pressed(button, false);
        const plain = type.split(';')[0];
        put(new File([new Blob(chunks, { type: plain })], `recording.${plain.split('/')[1]}`, { type: plain }));
        say.textContent = box.dataset.recordingDone.replace('%n', clock(Math.max(1, Math.round((Date.now() - started) / 1000))));
        recorder = null;
        done();
      });
    });
    put(null);
    if (kind === 'video') {
      view.srcObject = stream;
      view.hidden = false;
      view.play().catch(() => {});
    }
    recorder.start();
    pressed(button, true);
    const tick = () => {
      const seconds = Math.round((Date.now() - started) / 1000);
      say.textContent = box.dataset.recordingOn.replace('%n', clock(seconds));
      if (seconds >= longest) recorder?.stop();
    };
    timer = setInterval(tick, 500);
    tick();
  }

  box.querySelectorAll('[data-recording-go]').forEach((button) => {
    button.addEventListener('click', () => {
      // An unsteady hand taps twice: that is one tap.
      if (asking || (recorder && Date.now() - since < TWICE)) return;
      if (recorder) recorder.stop();
      else begin(button.dataset.recordingGo, button);
    });
  });
  part('pick').addEventListener('click', () => {
    input.accept = 'audio/*,video/*';
    input.removeAttribute('capture');
    input.click();
  });
  part('drop').addEventListener('click', () => {
    put(null);
    say.textContent = '';
  });
  input.addEventListener('change', () => {
    if (!input.files.length) return;
    put(input.files[0]);
    say.textContent = box.dataset.recordingChosen;
  });
  form.addEventListener('submit', (event) => {
    if (!recorder) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    recorder.finished.then(() => form.requestSubmit(submitter));
    recorder.stop();
  });
}

export function setUpRecording() {
  if (typeof DataTransfer !== 'function') return;
  document.querySelectorAll('[data-recording]').forEach(setUp);
}
