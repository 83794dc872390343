// The few pictures of the page, drawn here so that no font has to have them.
const SHAPES = {
  lock: "M5 7V5a3 3 0 0 1 6 0v2h1v7H4V7Zm1.5 0h3V5a1.5 1.5 0 0 0-3 0Z",
  hash: "M6.2 2h1.5l-.5 3h2.5l.5-3h1.5l-.5 3H14v1.5h-3l-.5 3H13V11h-2.8l-.5 3H8.2l.5-3H6.2l-.5 3H4.2l.5-3H2V9.500h3l.5-3H3V5h2.700Zm.8 4.500-.5 3H9l.5-3Z",
  box: "M2 3h12v3H2Zm1 4h10v6H3Zm3 1.500V10h4V8.500Z",
  dot: "M8 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z",
  eye: "M8 3.500c3.500 0 6 2.500 7 4.500-1 2-3.500 4.500-7 4.500S2 10 1 8c1-2 3.500-4.500 7-4.500Zm0 2A2.500 2.500 0 1 0 8 10.500 2.500 2.500 0 0 0 8 5.500Z",
  sun: "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM7.300 1h1.400v2.500H7.300Zm0 11.500h1.400V15H7.300ZM1 7.300h2.500v1.400H1Zm11.500 0H15v1.400h-2.500ZM2.600 3.600l1-1L5.300 4.400l-1 1Zm8.100 8.100 1-1 1.800 1.700-1 1ZM3.600 13.400l-1-1 1.700-1.700 1 1Zm8.100-8.100-1-1 1.700-1.700 1 1Z",
  half: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 1.500v9a4.500 4.500 0 0 0 0-9Z",
  moon: "M6 2a6.200 6.200 0 0 0 8 8A6.300 6.300 0 1 1 6 2Z",
  send: "M2 2.500 14.500 8 2 13.500l1.500-4.600L9 8 3.500 7.100Z",
  menu: "M2 3.500h12V5H2Zm0 3.800h12v1.400H2ZM2 11h12v1.500H2Z",
  close: "m3.500 4.600 1.100-1.100L8 6.900l3.400-3.400 1.100 1.100L9.100 8l3.400 3.400-1.100 1.100L8 9.100l-3.400 3.400-1.100-1.100L6.900 8Z",
};

export type Shape = keyof typeof SHAPES;

export function Icon({ of }: { of: Shape }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path fillRule="evenodd" d={SHAPES[of]} />
    </svg>
  );
}
