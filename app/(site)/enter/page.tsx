import { Invitation } from "@/components/site/invitation";

export const dynamic = "force-dynamic";

export default async function EnterPage({ searchParams }: { searchParams: Promise<{ token?: string | string[] }> }) {
  const { token } = await searchParams;
  return <Invitation as="person" token={typeof token === "string" ? token : ""} />;
}
