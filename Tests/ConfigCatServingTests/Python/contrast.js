// Returns the visible texts whose contrast with what is behind them is less than 4.5:1.
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

function channels(color) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [red, green, blue], alpha: alpha / 255 };
}

function background(element) {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
        const layer = channels(getComputedStyle(one).backgroundColor);
        if (layer.alpha > 0) layers.push(layer);
        if (layer.alpha === 1) break;
    }
    return layers.reverse().reduce(
        (below, { rgb, alpha }) => below.map((value, index) => value * (1 - alpha) + rgb[index] * alpha), [255, 255, 255]);
}

function luminance(rgb) {
    const [red, green, blue] = rgb.map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const low = [];
for (const element of document.querySelectorAll('body *')) {
    const isText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
    if ((!isText && !element.matches('input, textarea')) || !element.checkVisibility() || element.disabled) continue;
    const [light, dark] = [luminance(channels(getComputedStyle(element).color).rgb), luminance(background(element))]
        .sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) low.push(`${contrast.toFixed(2)} ${element.outerHTML.slice(0, 120)}`);
}
return low;
